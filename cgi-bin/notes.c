/* What people and programs say about spans. FastCGI or plain CGI. */
#include "api/api.h"

int main(int argc, char **argv)
{
	return api_main(argc, argv, PROGRAM_NOTES, api_tables);
}
