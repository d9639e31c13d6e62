/* The program that gets, lists and searches spans. FastCGI or plain CGI. */
#include "api/api.h"

int main(int argc, char **argv)
{
	return api_main(argc, argv, PROGRAM_SPANS, api_tables);
}
