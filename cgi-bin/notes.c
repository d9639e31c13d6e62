/* The program for notes: scores, comments and annotations of spans. FastCGI or plain CGI. */
#include "api/api.h"

int main(int argc, char **argv)
{
	return api_main(argc, argv, PROGRAM_NOTES, api_tables);
}
