/* The program that groups spans. FastCGI or plain CGI. */
#include "api/api.h"

int main(int argc, char **argv)
{
	return api_main(argc, argv, PROGRAM_GROUPS, api_tables);
}
