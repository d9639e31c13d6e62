# Files of lib/span/.
libflatspan_a_SOURCES += \
	lib/span/fields.h \
	lib/span/kinds.c \
	lib/span/kinds.h \
	lib/span/line.c \
	lib/span/line.h \
	lib/span/mask.c \
	lib/span/mask.h \
	lib/span/normalise.c \
	lib/span/normalise.h \
	lib/span/price.c \
	lib/span/price.h \
	lib/span/price_default.c \
	lib/span/price_default.h \
	lib/span/rescue.c \
	lib/span/rescue.h \
	lib/span/span.c \
	lib/span/span.h

# The prices that are built in; doc/hosting.md says how a site has others.
pricesdir = $(pkgdatadir)
dist_prices_DATA = share/flatspan/prices
BUILT_SOURCES = lib/span/price_default.inc
CLEANFILES += lib/span/price_default.inc
lib/span/price_default.inc: share/flatspan/prices
	$(AM_V_GEN)$(MKDIR_P) lib/span && od -An -v -tu1 $(srcdir)/share/flatspan/prices | \
		sed 's/ \{1,\}\([0-9]\{1,\}\)/\1,/g' >$@.tmp && mv $@.tmp $@
lib/span/price_default.$(OBJEXT): lib/span/price_default.inc
