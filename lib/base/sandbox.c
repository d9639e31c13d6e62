#include "base/sandbox.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Sanitizers look at the process at its end, from a process of their own, and coverage writes its
 * counts: builds for tests leave them what they need. */
#if defined __has_feature
#if __has_feature(address_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined FLATSPAN_COVERAGE
#define HAS_SANITIZER 1
#endif
#ifndef HAS_SANITIZER
#define HAS_SANITIZER 0
#endif

/* File rights by version of Landlock; the system's header may be older than its kernel. */
#define FS_FIRST ((UINT64_C(1) << 13) - 1)
#define FS_REFER (UINT64_C(1) << 13)    /* moving from one directory to another; version 2 */
#define FS_TRUNCATE (UINT64_C(1) << 14) /* version 3 */
#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
/* The only rights that can be granted on a file. */
#define FS_OF_FILE (LANDLOCK_ACCESS_FS_READ_FILE)
#define NET_TCP UINT64_C(3) /* binding and connecting; version 4 */

/* struct landlock_ruleset_attr as of version 4; older kernels take its beginning. */
struct ruleset {
	uint64_t fs, net;
};

static bool allow(int ruleset, int fd, uint64_t access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access, .parent_fd = fd };
	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

/* O_PATH: it need not be readable now. */
static bool allow_reading(int ruleset, const char *path)
{
	struct stat st;
	int fd = io->openat(AT_FDCWD, path, O_PATH | O_CLOEXEC, 0);
	if (fd < 0)
		return true;
	bool is_good = io->fstat(fd, &st) == 0 &&
		       allow(ruleset, fd, S_ISDIR(st.st_mode) ? FS_READ : FS_OF_FILE);
	io_drop(fd);
	return is_good;
}

static bool enter_landlock(const struct sandbox *s)
{
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset all = { .fs = FS_FIRST };
	if (version < 1)
		return false; /* an old kernel, or one without it */
	if (version >= 2)
		all.fs |= FS_REFER;
	if (version >= 3)
		all.fs |= FS_TRUNCATE;
	if (version >= 4)
		all.net = NET_TCP;
	int ruleset = (int)syscall(
		SYS_landlock_create_ruleset, &all, version >= 4 ? sizeof all : sizeof all.fs, 0);
	if (ruleset < 0)
		return false;
	bool is_good = allow(ruleset, s->dir_fd,
		s->may_write ? all.fs & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE : FS_READ);
	for (const char *const *path = s->read; is_good && *path; path++)
		is_good = allow_reading(ruleset, *path);
	if (is_good && HAS_SANITIZER)
		is_good = allow_reading(ruleset, "/proc");
	is_good = is_good && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	io_drop(ruleset);
	return is_good;
}

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE
#define STATEMENT(code, k) \
	{ \
		(unsigned short)(code), 0, 0, (k) \
	}
#define JUMP(code, k, yes, no) \
	{ \
		(unsigned short)(code), (yes), (no), (k) \
	}
#define REFUSE (SECCOMP_RET_ERRNO | EPERM)
/* If it is this call: refuse. */
#define CALL(name) \
	JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), STATEMENT(BPF_RET | BPF_K, REFUSE)

static bool enter_seccomp(void)
{
	struct sock_filter filter[] = {
		STATEMENT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
		STATEMENT(BPF_RET | BPF_K, REFUSE),
		STATEMENT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		CALL(execve),
		CALL(execveat),
		CALL(socket),
		CALL(socketpair),
		CALL(connect),
		CALL(bind),
#if !HAS_SANITIZER
		CALL(ptrace),
#endif
		CALL(process_vm_readv),
		CALL(process_vm_writev),
		CALL(mount),
		CALL(umount2),
		CALL(pivot_root),
		CALL(chroot),
		CALL(unshare),
		CALL(setns),
		CALL(bpf),
		CALL(perf_event_open),
		CALL(userfaultfd),
		CALL(keyctl),
		CALL(add_key),
		CALL(request_key),
		CALL(init_module),
		CALL(finit_module),
		CALL(kexec_load),
		STATEMENT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof filter / sizeof filter[0], filter };
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
#else
static bool enter_seccomp(void)
{
	return false;
}
#endif

/* A core would hold prompts: also where cores go to a program, which no limit stops. */
static bool enter_limits(void)
{
	if (setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }) < 0)
		return false;
	if (HAS_SANITIZER)
		return true;
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	       setrlimit(RLIMIT_NPROC, &(struct rlimit){ 0, 0 }) == 0;
}

unsigned sandbox_enter(const struct sandbox *s)
{
	unsigned parts = 0;
	/* The others need it, when it is not root who asks. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		parts |= SANDBOX_NO_NEW_PRIVS;
#ifndef FLATSPAN_COVERAGE
	if (enter_landlock(s))
		parts |= SANDBOX_LANDLOCK;
#endif
	/* Without it to count what tests cover: that is written at the end, where the objects are.
	 */
	if (enter_seccomp())
		parts |= SANDBOX_SECCOMP;
	if (enter_limits())
		parts |= SANDBOX_LIMITS;
	return parts;
}

void sandbox_text(struct buf *out, unsigned parts)
{
	static const char *const names[] = { "no_new_privs", "limits", "landlock", "seccomp" };
	bool has_one = false;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (!(parts & 1U << i))
			continue;
		if (has_one)
			buf_add(out, STR(", "));
		buf_add(out, str_from_c(names[i]));
		has_one = true;
	}
	if (!has_one)
		buf_add(out, STR("none"));
}
