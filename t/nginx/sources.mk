# Tests of nginx/.

NGINX_TESTS = t/nginx/conf.test t/nginx/pool.test
TESTS += $(NGINX_TESTS)
EXTRA_DIST += $(NGINX_TESTS)
