# Files of nginx/.
pkglibexec_PROGRAMS += nginx/flatspan-pool

nginx_flatspan_pool_SOURCES = nginx/flatspan-pool.c
nginx_flatspan_pool_LDADD = $(FLATSPAN_LIBS)

EXTRA_DIST += nginx/flatspan.conf.in nginx/quickstart \
	data/sample/coding.json data/sample/research.json data/sample/support.json
