# Files of server/: the web servers beside nginx.
EXTRA_DIST += \
	server/Caddyfile.in \
	server/apache-cgi.conf.in \
	server/apache-fcgid.conf.in \
	server/apache-proxy.conf.in \
	server/lighttpd.conf.in
