/*
 * The floor: a FastCGI program that answers at once, so that what is measured is the way through
 * the web server and libfcgi.
 *
 *	hello SOCKET
 */
#include <fcgiapp.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	static const char answer[] = "{\"hello\":\"world\"}\n";
	FCGX_Request r;
	if (argc != 2) {
		fprintf(stderr, "usage: hello SOCKET\n");
		return 2;
	}
	FCGX_Init();
	int fd = FCGX_OpenSocket(argv[1], 64);
	if (fd < 0 || FCGX_InitRequest(&r, fd, 0) != 0)
		return 2;
	while (FCGX_Accept_r(&r) == 0) {
		FCGX_FPrintF(r.out,
			"Status: 200 OK\r\nContent-Type: application/json\r\n"
			"Content-Length: %d\r\n\r\n%s",
			(int)(sizeof answer - 1), answer);
		FCGX_Finish_r(&r);
	}
	return 0;
}
