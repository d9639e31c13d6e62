/*
 * One binary for everything: the command line and, by its name, each of the programs that a web
 * server starts (app.fcgi, flatspan-spans, …).  A host to which files are copied by hand needs one
 * file.
 *
 * A process that a web server starts is never the command line, whatever its name: CGI makes
 * arguments from the query (RFC 3875 section 4.4).
 */
#include "api/api.h"
#include "cli.h"
#include "mcp/http.h"

#include <sys/socket.h>
#include <unistd.h>

static const struct {
	const char *name;
	unsigned programs;
} programs[] = {
	{ "admin", PROGRAM_ADMIN },
	{ "app", PROGRAM_ALL },
	{ "groups", PROGRAM_GROUPS },
	{ "ingest", PROGRAM_INGEST },
	{ "notes", PROGRAM_NOTES },
	{ "spans", PROGRAM_SPANS },
	{ "traces", PROGRAM_TRACES },
};

/* Returns `ingest` for flatspan-ingest, ingest.cgi or /usr/lib/flatspan/ingest.fcgi. */
static struct str plain_name(struct str path, bool *ret_is_server)
{
	while (str_index(path, '/') < path.len)
		path = str_skip(path, str_index(path, '/') + 1);
	if (str_starts(path, STR("flatspan-")))
		path = str_skip(path, 9);
	*ret_is_server = str_ends(path, STR(".fcgi")) || str_ends(path, STR(".cgi"));
	return str_first(path, str_index(path, '.'));
}

/* True when standard input is a socket to accept from, as FastCGI has it. */
static bool is_listening(void)
{
	int value = 0;
	socklen_t len = sizeof value;
	return getsockopt(STDIN_FILENO, SOL_SOCKET, SO_ACCEPTCONN, &value, &len) == 0 && value;
}

/* Returns 0 for the command line. */
static unsigned programs_of(const char *path)
{
	bool is_server;
	struct str name = plain_name(str_from_c(path), &is_server);
	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
		if (str_eq(name, str_from_c(programs[i].name)))
			return programs[i].programs;
	return is_server || conf_is_cgi() || is_listening() ? PROGRAM_ALL : 0;
}

int main(int argc, char **argv)
{
	unsigned which = programs_of(argc > 0 ? argv[0] : "");
	return which ? api_main(argc, argv, which, mcp_tables) : cli_main(argc, argv);
}
