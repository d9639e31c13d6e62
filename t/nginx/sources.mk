# Tests of nginx/.

NGINX_TESTS = t/nginx/conf.test t/nginx/pool.test
TESTS += $(NGINX_TESTS)
EXTRA_DIST += $(NGINX_TESTS) t/nginx/quickstart.test

# Builds once more, and takes a port.
check-quickstart:
	top_srcdir='$(top_srcdir)' $(top_srcdir)/t/nginx/quickstart.test
.PHONY: check-quickstart
