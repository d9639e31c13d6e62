# Files of cgi-bin/: a program a resource, and flatspan-app for all of them.
pkglibexec_PROGRAMS += \
	cgi-bin/flatspan-admin \
	cgi-bin/flatspan-app \
	cgi-bin/flatspan-groups \
	cgi-bin/flatspan-ingest \
	cgi-bin/flatspan-notes \
	cgi-bin/flatspan-spans \
	cgi-bin/flatspan-traces

# They start often: for each request, as plain CGI.
PROGRAM_LINK = $(AM_LDFLAGS) $(FS_PROGRAM_LINK)

cgi_bin_flatspan_admin_SOURCES = cgi-bin/admin.c
cgi_bin_flatspan_admin_LDADD = $(FLATSPAN_LIBS)
cgi_bin_flatspan_admin_LDFLAGS = $(PROGRAM_LINK)

cgi_bin_flatspan_app_SOURCES = cgi-bin/app.c
cgi_bin_flatspan_app_LDADD = $(FLATSPAN_LIBS)
cgi_bin_flatspan_app_LDFLAGS = $(PROGRAM_LINK)

cgi_bin_flatspan_groups_SOURCES = cgi-bin/groups.c
cgi_bin_flatspan_groups_LDADD = $(FLATSPAN_LIBS)
cgi_bin_flatspan_groups_LDFLAGS = $(PROGRAM_LINK)

cgi_bin_flatspan_ingest_SOURCES = cgi-bin/ingest.c
cgi_bin_flatspan_ingest_LDADD = $(FLATSPAN_LIBS)
cgi_bin_flatspan_ingest_LDFLAGS = $(PROGRAM_LINK)

cgi_bin_flatspan_notes_SOURCES = cgi-bin/notes.c
cgi_bin_flatspan_notes_LDADD = $(FLATSPAN_LIBS)
cgi_bin_flatspan_notes_LDFLAGS = $(PROGRAM_LINK)

cgi_bin_flatspan_spans_SOURCES = cgi-bin/spans.c
cgi_bin_flatspan_spans_LDADD = $(FLATSPAN_LIBS)
cgi_bin_flatspan_spans_LDFLAGS = $(PROGRAM_LINK)

cgi_bin_flatspan_traces_SOURCES = cgi-bin/traces.c
cgi_bin_flatspan_traces_LDADD = $(FLATSPAN_LIBS)
cgi_bin_flatspan_traces_LDFLAGS = $(PROGRAM_LINK)
