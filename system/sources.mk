# Files of system/, nginx/ and server/ that are installed with the places of this installation in them.

# What each @name@ in them stands for; see doc/hosting.md.
place = sed -e 's|@libexec@|$(pkglibexecdir)|g' -e 's|@bin@|$(bindir)|g' -e 's|@conf@|$(sysconfdir)/flatspan/flatspan.conf|g' \
	-e 's|@run@|$(runstatedir)/flatspan|g' -e 's|@state@|$(localstatedir)/lib/flatspan|g' \
	-e 's|@log@|$(localstatedir)/log/flatspan|g' -e 's|@group@|$(WEB_GROUP)|g' -e 's|[@]prefix[@]||g'

nginx_placed = nginx/flatspan.conf
server_placed = server/Caddyfile server/apache-cgi.conf server/apache-fcgid.conf server/apache-proxy.conf server/lighttpd.conf
units_placed = system/flatspan-cron.service system/flatspan-cron.timer system/flatspan.service system/flatspan.socket
placed = $(nginx_placed) $(server_placed) $(units_placed) system/flatspan.cron system/flatspan.logrotate system/flatspan.sysusers \
	system/flatspan.tmpfiles

$(placed): Makefile $(placed:=.in)
	@mkdir -p $(@D)
	$(AM_V_GEN)$(place) $(srcdir)/$@.in >$@.tmp && mv $@.tmp $@

# Every setting, as it is without the file.
system/flatspan.conf: Makefile $(srcdir)/lib/base/conf.h
	@mkdir -p $(@D)
	$(AM_V_GEN){ printf '# Settings of flatspan. What stands behind a # holds without it.\n'; \
		sed -n 's/^	X([A-Z]*,[[:space:]]*\([a-z_]*\),[[:space:]]*"\([^"]*\)",[[:space:]]*"\([^"]*\)").*/\n# \3\n#\1 = \2/p' \
			$(srcdir)/lib/base/conf.h | sed 's|^#root = .*|root = $(localstatedir)/lib/flatspan|; s/ *$$//'; } >$@.tmp && mv $@.tmp $@

nginxconfdir = $(pkgdatadir)/nginx
nodist_nginxconf_DATA = $(nginx_placed)
serverconfdir = $(pkgdatadir)/server
nodist_serverconf_DATA = $(server_placed)
nodist_systemdsystemunit_DATA = $(units_placed)
lnavdir = $(pkgdatadir)/lnav
dist_lnav_DATA = share/lnav/flatspan.json
duckdbdir = $(pkgdatadir)/duckdb
dist_duckdb_DATA = share/duckdb/flatspan.sql
clickhousedir = $(pkgdatadir)/clickhouse
dist_clickhouse_DATA = share/clickhouse/flatspan.sql

all-local: $(placed) system/flatspan.conf
CLEANFILES += $(placed) system/flatspan.conf
EXTRA_DIST += $(units_placed:=.in) system/flatspan.cron.in system/flatspan.logrotate.in system/flatspan.sysusers.in system/flatspan.tmpfiles.in

# Settings are the administrator's once they are there.
install-data-hook: install-system
install-system: $(placed) system/flatspan.conf
	$(MKDIR_P) '$(DESTDIR)$(sysconfdir)/flatspan' '$(DESTDIR)$(sysconfdir)/cron.d' '$(DESTDIR)$(sysconfdir)/logrotate.d' \
		'$(DESTDIR)$(prefix)/lib/tmpfiles.d' '$(DESTDIR)$(prefix)/lib/sysusers.d'
	test -e '$(DESTDIR)$(sysconfdir)/flatspan/flatspan.conf' || \
		$(INSTALL_DATA) system/flatspan.conf '$(DESTDIR)$(sysconfdir)/flatspan/flatspan.conf'
	$(INSTALL_DATA) system/flatspan.cron '$(DESTDIR)$(sysconfdir)/cron.d/flatspan'
	$(INSTALL_DATA) system/flatspan.logrotate '$(DESTDIR)$(sysconfdir)/logrotate.d/flatspan'
	$(INSTALL_DATA) system/flatspan.tmpfiles '$(DESTDIR)$(prefix)/lib/tmpfiles.d/flatspan.conf'
	$(INSTALL_DATA) system/flatspan.sysusers '$(DESTDIR)$(prefix)/lib/sysusers.d/flatspan.conf'
uninstall-hook:
	cmp -s system/flatspan.conf '$(DESTDIR)$(sysconfdir)/flatspan/flatspan.conf' && \
		rm -f '$(DESTDIR)$(sysconfdir)/flatspan/flatspan.conf' || :
	rm -f '$(DESTDIR)$(sysconfdir)/cron.d/flatspan' '$(DESTDIR)$(sysconfdir)/logrotate.d/flatspan' \
		'$(DESTDIR)$(prefix)/lib/tmpfiles.d/flatspan.conf' \
		'$(DESTDIR)$(prefix)/lib/sysusers.d/flatspan.conf'
.PHONY: install-system

# One file that needs no library of the host, for shared hosting: make static. The linker warns of
# gethostbyname, which libfcgi would listen on TCP with; nothing here does.
EXTRA_PROGRAMS += bin/flatspan-static
bin_flatspan_static_SOURCES = $(bin_flatspan_SOURCES)
bin_flatspan_static_LDADD = $(bin_flatspan_LDADD)
bin_flatspan_static_LDFLAGS = -static-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
CLEANFILES += bin/flatspan-static

static: bin/flatspan-static
.PHONY: static
