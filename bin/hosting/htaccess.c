#include "hosting/htaccess.h"

#include "base/buf.h"

/*
 * Works with and without mod_fcgid.  mod_fcgid accepts bodies of 128 KiB, which no .htaccess can
 * change, and cannot report its errors in the form of a client.  Where plain CGI is available,
 * large bodies and errors go to the same file by plain CGI; without it Apache would send the file
 * itself.  Everything goes through FallbackResource where the host allows it, because mod_rewrite
 * refuses paths with an encoded question mark; its target does not see the length of the body, only
 * the variable.  @path@ stands for the path of the directory's URL, encoded.
 */
static const struct {
	unsigned needs; /* 0: FileInfo, or nothing */
	const char *text, *otherwise;
} parts[] = {
	{ 0, HTACCESS_MARK "replaces it.\n", NULL },
	{ HTACCESS_OPTIONS, "Options +ExecCGI -Indexes\n", "" },
	{ 0,
		"<IfModule mod_fcgid.c>\n"
		"  AddHandler fcgid-script .fcgi\n"
		"  <IfModule mod_setenvif.c>\n"
		"    SetEnvIf Content-Length ^[0-9]{6,}$ FLATSPAN_LARGE=1\n"
		"    SetEnvIf Transfer-Encoding . FLATSPAN_LARGE=1\n"
		"  </IfModule>\n"
		"  <Files app.fcgi>\n"
		"    <If \"-n %{ENV:FLATSPAN_LARGE} || -n %{ENV:REDIRECT_FLATSPAN_LARGE} || "
		"%{ENV:REDIRECT_STATUS} -ge 400\">\n"
		"      <IfModule mod_cgi.c>\n"
		"        SetHandler cgi-script\n"
		"      </IfModule>\n"
		"      <IfModule mod_cgid.c>\n"
		"        SetHandler cgi-script\n"
		"      </IfModule>\n"
		"    </If>\n"
		"  </Files>\n"
		"</IfModule>\n"
		"<IfModule !mod_fcgid.c>\n"
		"  AddHandler cgi-script .fcgi\n"
		"</IfModule>\n",
		NULL },
	{ HTACCESS_AUTH, "CGIPassAuth On\n",
		"<IfModule mod_setenvif.c>\n"
		"  SetEnvIf Authorization ^(.*)$ HTTP_AUTHORIZATION=$1\n"
		"</IfModule>\n" },
	{ 0,
		"<IfModule mod_env.c>\n"
		"  SetEnv ap_trust_cgilike_cl 1\n"
		"</IfModule>\n",
		NULL },
	{ HTACCESS_AUTH,
		"<FilesMatch \"^\\.ht|\\.(path|conf)$\">\n"
		"  Require all denied\n"
		"</FilesMatch>\n",
		"<IfModule mod_alias.c>\n"
		"  RedirectMatch 404 /(\\.ht[^/]*|[^/]*\\.(path|conf))$\n"
		"</IfModule>\n" },
	{ HTACCESS_INDEXES, "DirectoryIndex app.fcgi\n", "" },
	{ 0,
		"ErrorDocument 500 @path@/app.fcgi\n"
		"ErrorDocument 502 @path@/app.fcgi\n"
		"ErrorDocument 503 @path@/app.fcgi\n"
		"ErrorDocument 504 @path@/app.fcgi\n",
		NULL },
	{ HTACCESS_INDEXES, "FallbackResource @path@/app.fcgi\n",
		"<IfModule mod_rewrite.c>\n"
		"  RewriteEngine On\n"
		"  RewriteCond %{REQUEST_FILENAME} !-f\n"
		"  RewriteRule ^ @path@/app.fcgi [L]\n"
		"</IfModule>\n" },
};

static void htaccess_add(struct buf *b, struct str text, struct str path)
{
	struct str mark = STR("@path@");
	for (;;) {
		size_t at = str_find(text, mark);
		buf_add(b, str_first(text, at));
		if (at == text.len)
			return;
		buf_add(b, path);
		text = str_skip(text, at + mark.len);
	}
}

struct str htaccess_text(struct arena *a, struct str path, unsigned forbidden)
{
	struct buf b;
	buf_init(&b, a);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		htaccess_add(&b,
			str_from_c(parts[i].needs & forbidden ? parts[i].otherwise : parts[i].text),
			path);
	return buf_str(&b);
}

const char *htaccess_names(unsigned forbidden)
{
	static const char *const names[] = { "nothing", "AuthConfig", "Indexes",
		"AuthConfig and Indexes", "Options", "AuthConfig and Options",
		"Indexes and Options", "AuthConfig, Indexes and Options" };
	return names[forbidden & HTACCESS_ALL];
}
