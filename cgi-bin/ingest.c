/* The program that writes spans, in every format. FastCGI or plain CGI. */
#include "api/api.h"

int main(int argc, char **argv)
{
	return api_main(argc, argv, PROGRAM_INGEST, api_tables);
}
