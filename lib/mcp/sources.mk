# Files of lib/mcp/.
libflatspan_a_SOURCES += \
	lib/mcp/http.c lib/mcp/http.h \
	lib/mcp/mcp.c lib/mcp/mcp.h \
	lib/mcp/spans.c \
	lib/mcp/tools.c \
	lib/mcp/trace.c
