#include "base/utime.h"
#include "web.h"
#include "web/auth.h"
#include "web/keys_file.h"

#include <sys/stat.h>
#include <unistd.h>

#define SECRET "abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE"
#define KEY "fsp_AAAAAAAA_" SECRET
#define OTHER_SECRET "ZZcdefghijklmnopqrstuvwxyz0123456789-_ABCDE"

static struct fake fake;
static char directory[] = "/tmp/flatspan-auth-XXXXXX";

static struct str hash_of(struct str secret)
{
	unsigned char hash[SHA256_BYTES];
	struct buf b;
	sha256(secret, hash);
	buf_init(&b, test_arena());
	buf_add_hex(&b, str_of((const char *)hash, sizeof hash));
	return buf_str(&b);
}

/* id:hash and what follows. */
static struct str key_line(const char *id, const char *secret, const char *rest)
{
	struct str hash = hash_of(str_from_c(secret));
	return arena_printf(test_arena(), "%s:%.*s:%s", id, STR_ARG(hash), rest);
}

static void write_file(const char *name, struct str text)
{
	struct str path = arena_printf(test_arena(), "%s/%s", directory, name);
	FILE *f = fopen(arena_copy_c(test_arena(), path), "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text.ptr, 1, text.len, f), text.len);
	ck_assert_int_eq(fclose(f), 0);
}

static void write_keys(struct str text)
{
	write_file("keys", text);
}

/* One of data. */
static void make_directory(void)
{
	memcpy(directory + sizeof directory - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(directory));
	write_file("FORMAT", STR("flatspan 1\n"));
}

static void remove_directory(void)
{
	static const char *const names[] = { "keys", "FORMAT" };
	for (size_t i = 0; i < 2; i++) /* not every test has them */
		(void)unlink(arena_copy_c(
			test_arena(), arena_printf(test_arena(), "%s/%s", directory, names[i])));
	ck_assert_int_eq(rmdir(directory), 0);
}

#define WITH(...) ((const char *const[]){ __VA_ARGS__, NULL })

static enum err check(
	enum conf_auth auth, const char *const *variables, enum role needs, struct str workspace)
{
	fake_init(&fake, variables, STR(""));
	fake.conf.auth = auth;
	fake.conf.root = str_from_c(directory);
	return auth_check(&fake.request, needs, workspace);
}

static enum err check_key(const char *header, enum role needs, struct str workspace)
{
	return check(CONF_AUTH_LOOPBACK, WITH("REMOTE_ADDR=127.0.0.1", header), needs, workspace);
}

START_TEST(without_a_keys_file_only_this_machine_is_let_in)
	{
		make_directory();
		static const char *const local[] = { "REMOTE_ADDR=127.0.0.1",
			"REMOTE_ADDR=127.9.9.9", "REMOTE_ADDR=::1",
			"REMOTE_ADDR=::ffff:127.0.0.1" };
		static const char *const remote[] = { "REMOTE_ADDR=192.0.2.7", "REMOTE_ADDR=::2",
			"REMOTE_ADDR=unix:", "X=no address", "REMOTE_ADDR=1127.0.0.1" };
		for (size_t i = 0; i < sizeof local / sizeof local[0]; i++)
			ck_assert_msg(check(CONF_AUTH_LOOPBACK, WITH(local[i]), ROLE_ADMIN,
					      STR("w")) == ERR_OK,
				"%s", local[i]);
		ck_assert_str_is(fake.request.workspace, STR("w"));
		ck_assert(auth_grants(&fake.request, STR("any")));
		for (size_t i = 0; i < sizeof remote / sizeof remote[0]; i++)
			ck_assert_msg(check(CONF_AUTH_LOOPBACK, WITH(remote[i]), ROLE_READ,
					      STR("w")) == ERR_UNAUTHORIZED,
				"%s", remote[i]);
		remove_directory();
	}
END_TEST

START_TEST(a_proxy_that_speaks_for_others_is_not_this_machine)
	{
		make_directory();
		static const char *const far[] = { "HTTP_X_FORWARDED_FOR=192.0.2.7",
			"HTTP_FORWARDED=for=192.0.2.7", "HTTP_HOST=evil.example",
			"HTTP_HOST=127.0.0.1.evil.example:8318" };
		static const char *const near[] = { "HTTP_HOST=localhost:8318",
			"HTTP_HOST=127.0.0.1:8318", "HTTP_HOST=[::1]:8318", "HTTP_HOST=box",
			"HTTP_HOST=spans.localhost" };
		for (size_t i = 0; i < sizeof far / sizeof far[0]; i++)
			ck_assert_msg(
				check(CONF_AUTH_LOOPBACK, WITH("REMOTE_ADDR=127.0.0.1", far[i]),
					ROLE_READ, STR("w")) == ERR_UNAUTHORIZED,
				"%s", far[i]);
		for (size_t i = 0; i < sizeof near / sizeof near[0]; i++)
			ck_assert_msg(
				check(CONF_AUTH_LOOPBACK, WITH("REMOTE_ADDR=127.0.0.1", near[i]),
					ROLE_READ, STR("w")) == ERR_OK,
				"%s", near[i]);
		remove_directory();
	}
END_TEST

START_TEST(the_setting_can_open_or_close_the_door)
	{
		make_directory();
		ck_assert_int_eq(
			check(CONF_AUTH_ON, WITH("REMOTE_ADDR=127.0.0.1"), ROLE_READ, STR("w")),
			ERR_UNAUTHORIZED);
		ck_assert_int_eq(
			check(CONF_AUTH_OFF, WITH("REMOTE_ADDR=192.0.2.7", "REMOTE_USER=ann"),
				ROLE_ADMIN, STR("")),
			ERR_OK);
		ck_assert_str_is(fake.request.principal, STR("ann"));
		ck_assert_str_is(fake.request.workspace, STR("default"));
		ck_assert_int_eq(
			check(CONF_AUTH_ON, WITH("REMOTE_ADDR=192.0.2.7"), ROLE_NONE, STR_NULL),
			ERR_OK);
		ck_assert(!auth_grants(&fake.request, STR("w")));
		remove_directory();
	}
END_TEST

START_TEST(a_key_is_taken_in_every_spelling)
	{
		make_directory();
		write_keys(key_line("AAAAAAAA", SECRET, "w:read:-:laptop\n"));
		static const char *const spellings[] = { "HTTP_X_API_KEY=" KEY,
			"HTTP_AUTHORIZATION=Bearer " KEY, "HTTP_AUTHORIZATION=bearer  " KEY,
			"HTTP_AUTHORIZATION=" KEY, "REDIRECT_HTTP_AUTHORIZATION=Bearer " KEY,
			/* "pk-lf-1:" and the key */
			"HTTP_AUTHORIZATION=Basic cGstbGYtMTpmc3BfQUFBQUFBQUFfYWJjZGVmZ2hpamtsbW5vcHFyc"
			"3R1dnd4eXowMTIzNDU2Nzg5LV9BQkNERQ==" };
		for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++)
			ck_assert_msg(check_key(spellings[i], ROLE_READ, STR("w")) == ERR_OK, "%s",
				spellings[i]);
		ck_assert_str_is(fake.request.principal, STR("AAAAAAAA"));
		remove_directory();
	}
END_TEST

START_TEST(a_wrong_key_or_none_is_refused_even_from_this_machine)
	{
		make_directory();
		write_keys(key_line("AAAAAAAA", SECRET, "*:admin:-:\n"));
		static const char *const wrong[] = { "X=none",
			"HTTP_X_API_KEY=fsp_AAAAAAAA_" OTHER_SECRET,
			"HTTP_X_API_KEY=fsp_BBBBBBBB_" SECRET, "HTTP_X_API_KEY=" SECRET,
			"HTTP_X_API_KEY=" KEY "x", "HTTP_AUTHORIZATION=Basic !!!!",
			"HTTP_AUTHORIZATION=Basic ", "HTTP_X_API_KEY=x" };
		for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
			ck_assert_msg(check_key(wrong[i], ROLE_READ, STR("w")) == ERR_UNAUTHORIZED,
				"%s", wrong[i]);
		ck_assert_int_eq(check(CONF_AUTH_OFF, WITH("X=y"), ROLE_ADMIN, STR("w")), ERR_OK);
		remove_directory();
	}
END_TEST

START_TEST(two_values_in_one_header_are_refused)
	{
		make_directory();
		write_keys(key_line("AAAAAAAA", SECRET, "*:admin:-:\n"));
		ck_assert_int_eq(check_key("HTTP_X_API_KEY=" KEY ", " KEY, ROLE_READ, STR("w")),
			ERR_INVALID);
		ck_assert_int_eq(
			check(CONF_AUTH_ON, WITH("HTTP_X_API_KEY=" KEY, "HTTP_X_API_KEY=" KEY),
				ROLE_READ, STR("w")),
			ERR_INVALID);
		ck_assert_int_eq(
			check(CONF_AUTH_ON, WITH("HTTP_AUTHORIZATION=a", "HTTP_AUTHORIZATION=b"),
				ROLE_READ, STR("w")),
			ERR_INVALID);
		remove_directory();
	}
END_TEST

START_TEST(roles_and_workspaces_are_kept_to)
	{
		static const struct {
			const char *workspaces, *roles;
			enum role needs;
			const char *workspace;
			enum err want;
		} cases[] = {
			{ "a", "read", ROLE_READ, "a", ERR_OK },
			{ "a", "read", ROLE_INGEST, "a", ERR_FORBIDDEN },
			{ "a", "read", ROLE_ADMIN, "a", ERR_FORBIDDEN },
			{ "a", "ingest", ROLE_INGEST, "a", ERR_OK },
			{ "a", "ingest", ROLE_READ, "a", ERR_FORBIDDEN },
			{ "a", "ingest,read", ROLE_READ, "a", ERR_OK },
			{ "a", "admin", ROLE_READ, "a", ERR_OK },
			{ "a", "admin", ROLE_ADMIN, "b", ERR_FORBIDDEN },
			{ "a,b", "read", ROLE_READ, "b", ERR_OK },
			{ "a,b", "read", ROLE_READ, "a,b", ERR_FORBIDDEN },
			{ "a,b", "read", ROLE_READ, "ab", ERR_FORBIDDEN },
			{ "*", "read", ROLE_READ, "anything", ERR_OK },
		};
		make_directory();
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			struct str rest = arena_printf(
				test_arena(), "%s:%s:-:", cases[i].workspaces, cases[i].roles);
			write_keys(key_line("AAAAAAAA", SECRET, arena_copy_c(test_arena(), rest)));
			ck_assert_msg(check_key("HTTP_X_API_KEY=" KEY, cases[i].needs,
					      str_from_c(cases[i].workspace)) == cases[i].want,
				"case %zu", i);
		}
		remove_directory();
	}
END_TEST

START_TEST(the_only_workspace_of_a_key_is_its_default)
	{
		make_directory();
		write_keys(key_line("AAAAAAAA", SECRET, "acme:read:-:"));
		ck_assert_int_eq(check_key("HTTP_X_API_KEY=" KEY, ROLE_READ, STR("")), ERR_OK);
		ck_assert_str_is(fake.request.workspace, STR("acme"));
		write_keys(key_line("AAAAAAAA", SECRET, "acme,b:read:-:"));
		ck_assert_int_eq(
			check_key("HTTP_X_API_KEY=" KEY, ROLE_READ, STR("")), ERR_FORBIDDEN);
		write_keys(key_line("AAAAAAAA", SECRET, "*:read:-:"));
		ck_assert_int_eq(check_key("HTTP_X_API_KEY=" KEY, ROLE_READ, STR("")), ERR_OK);
		ck_assert_str_is(fake.request.workspace, STR("default"));
		ck_assert_int_eq(check_key("HTTP_X_API_KEY=" KEY, ROLE_READ, STR_NULL), ERR_OK);
		ck_assert(str_is_null(fake.request.workspace));
		remove_directory();
	}
END_TEST

START_TEST(a_key_ends_at_its_time)
	{
		struct key_record k;
		int64_t end;
		ck_assert(utime_parse(STR("2026-01-01T00:00:00Z"), &end));
		struct str text = key_line("AAAAAAAA", SECRET, "*:read:2026-01-01T00:00:00Z:a:b:c");
		ck_assert_int_eq(keys_find(text, STR(KEY), end, &k), ERR_OK);
		ck_assert_str_is(k.label, STR("a:b:c"));
		ck_assert_int_eq(keys_find(text, STR(KEY), end + 1, &k), ERR_UNAUTHORIZED);
		text = key_line("AAAAAAAA", SECRET, "*:read:2026-01-01T01:00:00+01:00:");
		ck_assert_int_eq(keys_find(text, STR(KEY), end, &k), ERR_OK);
		ck_assert_int_eq(keys_find(text, STR(KEY), end + 1, &k), ERR_UNAUTHORIZED);
	}
END_TEST

START_TEST(a_bad_line_closes_the_door_for_everyone)
	{
		make_directory();
		struct str good = key_line("AAAAAAAA", SECRET, "*:admin:-:ok");
		static const char *const bad[] = {
			"x", "AAAAAAAA", "AAAAAAAA:00:*:read:-:",
			"AAAAAAA:0000000000000000000000000000000000000000000000000000000000000000:*:read:-:",
			"AAAAAAAA:g000000000000000000000000000000000000000000000000000000000000000:*:read:-:",
			"AAAAAAAA:0000000000000000000000000000000000000000000000000000000000000000::read:-:",
			"AAAAAAAA:0000000000000000000000000000000000000000000000000000000000000000:a,:read:-:",
			"AAAAAAAA:0000000000000000000000000000000000000000000000000000000000000000:a/b:read:-:",
			"AAAAAAAA:0000000000000000000000000000000000000000000000000000000000000000:*:write:-:",
			"AAAAAAAA:0000000000000000000000000000000000000000000000000000000000000000:*::-:",
			"AAAAAAAA:0000000000000000000000000000000000000000000000000000000000000000:*:read::",
			"AAAAAAAA:0000000000000000000000000000000000000000000000000000000000000000:*:read:soon:",
			"AAAAAAAA:0000000000000000000000000000000000000000000000000000000000000000:*:read"
		};
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
			write_keys(arena_printf(
				test_arena(), "# keys\n\n%.*s\n%s\n", STR_ARG(good), bad[i]));
			ck_assert_msg(
				check_key("HTTP_X_API_KEY=" KEY, ROLE_READ, STR("w")) == ERR_CONF,
				"%s", bad[i]);
		}
		write_keys(arena_printf(test_arena(), "# keys\r\n\r\n%.*s\r\n", STR_ARG(good)));
		ck_assert_int_eq(check_key("HTTP_X_API_KEY=" KEY, ROLE_READ, STR("w")), ERR_OK);
		remove_directory();
	}
END_TEST

START_TEST(a_keys_file_that_cannot_be_read_closes_the_door)
	{
		make_directory();
		struct str path = arena_printf(test_arena(), "%s/keys", directory);
		const char *name = arena_copy_c(test_arena(), path);
		ck_assert_int_eq(symlink("/dev/null", name), 0);
		ck_assert_int_eq(check_key("X=y", ROLE_READ, STR("w")), ERR_CONF);
		ck_assert_int_eq(unlink(name), 0);

		write_keys(STR(""));
		ck_assert_int_eq(check_key("X=y", ROLE_READ, STR("w")), ERR_UNAUTHORIZED);
		FILE *f = fopen(name, "w");
		ck_assert_ptr_nonnull(f);
		for (int i = 0; i <= 1 << 20; i++)
			ck_assert_int_ne(fputc('\n', f), EOF);
		ck_assert_int_eq(fclose(f), 0);
		ck_assert_int_eq(check_key("X=y", ROLE_READ, STR("w")), ERR_CONF);
		remove_directory();
	}
END_TEST

START_TEST(a_directory_of_keys_that_is_gone_closes_the_door)
	{
		static const char *const gone[] = { "", "/gone/keys" };
		make_directory();
		ck_assert_int_eq(check_key("X=y", ROLE_ADMIN, STR("w")), ERR_OK);
		remove_directory();
		ck_assert_int_eq(check_key("X=y", ROLE_ADMIN, STR("w")), ERR_CONF);
		ck_assert_int_eq(check_key("HTTP_X_API_KEY=" KEY, ROLE_READ, STR("w")), ERR_CONF);
		/* An empty one in its place, where a disk is to be mounted. */
		ck_assert_int_eq(mkdir(directory, 0750), 0);
		ck_assert_int_eq(check_key("X=y", ROLE_ADMIN, STR("w")), ERR_CONF);
		remove_directory();
		make_directory();
		for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++) {
			fake_init(&fake, WITH("REMOTE_ADDR=127.0.0.1"), STR(""));
			fake.conf.root = str_from_c(directory);
			if (gone[i][0])
				fake.conf.keys =
					arena_printf(test_arena(), "%s%s", directory, gone[i]);
			ck_assert_int_eq(auth_check(&fake.request, ROLE_ADMIN, STR("w")),
				gone[i][0] ? ERR_CONF : ERR_OK);
		}
		remove_directory();
	}
END_TEST

START_TEST(the_keys_file_may_stand_elsewhere)
	{
		make_directory();
		write_keys(key_line("AAAAAAAA", SECRET, "*:read:-:"));
		fake_init(&fake, WITH("HTTP_X_API_KEY=" KEY), STR(""));
		fake.conf.root = STR("/nonexistent");
		fake.conf.keys = arena_printf(test_arena(), "%s/keys", directory);
		ck_assert_int_eq(auth_check(&fake.request, ROLE_READ, STR("w")), ERR_OK);
		remove_directory();
	}
END_TEST

START_TEST(made_keys_open_what_their_record_says)
	{
		struct str last = STR("");
		for (int i = 0; i < 2000; i++) {
			struct key_record made, read;
			struct str key;
			struct buf line;
			ck_assert_int_eq(key_make(test_arena(), &key, &made), ERR_OK);
			ck_assert(!str_eq(key, last));
			/* An id that begins with - would be an option of the command line. */
			ck_assert(made.id.ptr[0] != '-' && made.id.ptr[0] != '_');
			made.workspaces = STR("a,b");
			made.roles = ROLE_READ | ROLE_INGEST;
			made.not_after_ns = i % 2 ? INT64_MAX : i * NS_PER_S;
			made.label = STR("a: label");
			buf_init(&line, test_arena());
			key_record_write(&line, &made);
			ck_assert(key_record_read(str_first(buf_str(&line), line.len - 1), &read));
			ck_assert(str_eq(read.workspaces, made.workspaces));
			ck_assert(str_eq(read.label, made.label));
			ck_assert_uint_eq(read.roles, made.roles);
			ck_assert_int_eq(read.not_after_ns, made.not_after_ns);
			ck_assert_int_eq(keys_find(buf_str(&line), key, 0, &read), ERR_OK);
			last = key;
		}
	}
END_TEST

struct changes {
	const char *text;
	enum err error;
};

static enum err change_to(void *user, struct str text, struct str *ret_text)
{
	const struct changes *c = user;
	(void)text;
	*ret_text = str_from_c(c->text);
	return c->error;
}

START_TEST(the_keys_file_is_replaced_whole_or_not_at_all)
	{
		make_directory();
		struct str text;
		struct conf conf;
		conf_defaults(&conf);
		conf.root = str_from_c(directory);
		ck_assert_int_eq(keys_file_read(&conf, test_arena(), &text), ERR_NOT_FOUND);
		struct changes first = { "# one\n", ERR_OK }, bad = { "# two\n", ERR_CONF };
		ck_assert_int_eq(keys_file_change(&conf, test_arena(), change_to, &first), ERR_OK);
		ck_assert_int_eq(keys_file_change(&conf, test_arena(), change_to, &bad), ERR_CONF);
		ck_assert_int_eq(keys_file_read(&conf, test_arena(), &text), ERR_OK);
		ck_assert(str_eq(text, STR("# one\n")));
		struct str lock = arena_printf(test_arena(), "%s/.keys.lock", directory);
		ck_assert_int_eq(unlink(arena_copy_c(test_arena(), lock)), 0);
		remove_directory();
	}
END_TEST

UNIT_MAIN("auth", without_a_keys_file_only_this_machine_is_let_in,
	a_proxy_that_speaks_for_others_is_not_this_machine, the_setting_can_open_or_close_the_door,
	a_key_is_taken_in_every_spelling, a_wrong_key_or_none_is_refused_even_from_this_machine,
	two_values_in_one_header_are_refused, roles_and_workspaces_are_kept_to,
	the_only_workspace_of_a_key_is_its_default, a_key_ends_at_its_time,
	a_bad_line_closes_the_door_for_everyone, a_keys_file_that_cannot_be_read_closes_the_door,
	a_directory_of_keys_that_is_gone_closes_the_door, the_keys_file_may_stand_elsewhere,
	made_keys_open_what_their_record_says, the_keys_file_is_replaced_whole_or_not_at_all)
