# Files of lib/web/.
libflatspan_a_SOURCES += \
	lib/web/auth.c lib/web/auth.h \
	lib/web/gateway.c lib/web/gateway.h \
	lib/web/keys.c lib/web/keys.h \
	lib/web/keys_file.c lib/web/keys_file.h \
	lib/web/listener.c lib/web/listener.h \
	lib/web/params.c lib/web/params.h \
	lib/web/problem.c lib/web/problem.h \
	lib/web/records.c lib/web/records.h \
	lib/web/request.c lib/web/request.h \
	lib/web/response.c lib/web/response.h \
	lib/web/route.c lib/web/route.h \
	lib/web/target.c \
	lib/web/transport.h
