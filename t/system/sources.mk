# Tests of system/ and share/: they build and install, or start other programs.
EXTRA_DIST += t/system/deb.test t/system/install.test t/system/share.test t/system/static.test \
	t/system/units_test.py

check-install:
	top_srcdir='$(top_srcdir)' CC='$(CC)' $(top_srcdir)/t/system/install.test
check-share:
	top_srcdir='$(top_srcdir)' $(top_srcdir)/t/system/share.test
check-deb:
	top_srcdir='$(top_srcdir)' $(top_srcdir)/t/system/deb.test
check-static: static
	$(top_srcdir)/t/system/static.test \
	t/system/units_test.py
.PHONY: check-deb check-install check-share check-static
