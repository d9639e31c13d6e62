/*
 * The registry of projects: names are unique whatever their case, ids stay.
 */
#include "scene.h"

#include "store/projects.h"

#include <sys/wait.h>
#include <unistd.h>

static struct scene sc;

static struct projects ensure(const struct str *names, size_t n)
{
	struct projects p;
	ck_assert_int_eq(projects_ensure(&sc.store, STR("w"), true, scene_arena(), names, n,
				 STR("me"), SCENE_NOW, &p),
		ERR_OK);
	return p;
}

static struct projects ensure_one(struct str name)
{
	return ensure(&name, 1);
}

START_TEST(the_default_project_is_always_there)
	{
		scene_open(&sc);
		scene_workspace(&sc);
		struct projects p;
		ck_assert_int_eq(projects_read(sc.dir_fd, scene_arena(), &p), ERR_OK);
		ck_assert_uint_eq(p.n, 1);
		ck_assert_str_is(p.list[0].id, STR("0190babc-62a0-71d2-832a-0feffa4676eb"));
		ck_assert_ptr_nonnull(projects_by_name(&p, STR("default project")));
		ck_assert(!scene_has(&sc, "projects.json"));
		scene_close(&sc);
	}
END_TEST

START_TEST(a_name_is_entered_once_in_its_first_spelling)
	{
		scene_open(&sc);
		struct str names[] = { STR("Caf\xc3\xa9 \\\"A\\\""), STR("b"),
			STR("caf\xc3\xa9 \\\"a\\\"") };
		struct projects p = ensure(names, 3);
		ck_assert_uint_eq(p.n, 3);
		struct str id = projects_by_name(&p, names[0])->id;
		p = ensure_one(STR("CAF\xc3\xa9 \\\"A\\\""));
		ck_assert_uint_eq(p.n, 3);
		ck_assert_str_is(projects_by_name(&p, names[2])->name, names[0]);
		ck_assert_str_is(projects_by_name(&p, names[2])->id, id);
		ck_assert_ptr_eq(projects_by_id(&p, id), projects_by_name(&p, names[2]));
		ck_assert_str_is(projects_by_name(&p, STR("b"))->created_by, STR("me"));
		ck_assert_int_eq(projects_by_name(&p, STR("b"))->created_ns, SCENE_NOW);
		scene_close(&sc);
	}
END_TEST

START_TEST(the_id_is_the_one_the_name_had_before_it_was_entered)
	{
		scene_open(&sc);
		struct projects p = ensure_one(STR("Name"));
		ck_assert_str_is(projects_by_name(&p, STR("Name"))->id,
			project_derived_id(scene_arena(), STR("nAME")));
		ck_assert(!str_eq(project_derived_id(scene_arena(), STR("a")),
			project_derived_id(scene_arena(), STR("b"))));
		scene_close(&sc);
	}
END_TEST

static enum err rename_b(void *user, struct projects *p, bool *ret_changed)
{
	struct project *b = projects_by_name(p, STR("b"));
	(void)user;
	b->former = arena_calloc(p->arena, 1, sizeof *b->former);
	b->former[b->n_former++] = b->name;
	b->name = STR("c");
	b->description = STR("what \\n it is");
	*ret_changed = true;
	return ERR_OK;
}

START_TEST(a_renamed_project_is_found_by_both_names)
	{
		scene_open(&sc);
		(void)ensure_one(STR("b"));
		ck_assert_int_eq(
			projects_change(&sc.store, STR("w"), false, scene_arena(), rename_b, NULL),
			ERR_OK);
		struct projects p = ensure_one(STR("b"));
		ck_assert_uint_eq(p.n, 2);
		ck_assert_str_is(projects_by_name(&p, STR("b"))->name, STR("c"));
		ck_assert_str_is(
			projects_by_name(&p, STR("C"))->description, STR("what \\n it is"));
		scene_close(&sc);
	}
END_TEST

static enum err refuse(void *user, struct projects *p, bool *ret_changed)
{
	(void)user;
	p->n = 0;
	*ret_changed = true;
	return ERR_CONFLICT;
}

START_TEST(a_change_that_is_refused_changes_nothing)
	{
		scene_open(&sc);
		(void)ensure_one(STR("b"));
		ck_assert_int_eq(
			projects_change(&sc.store, STR("w"), false, scene_arena(), refuse, NULL),
			ERR_CONFLICT);
		struct projects p = ensure_one(STR("b"));
		ck_assert_uint_eq(p.n, 2);
		scene_close(&sc);
	}
END_TEST

START_TEST(of_a_damaged_registry_what_is_sound_stays_and_the_file_is_put_aside)
	{
		scene_open(&sc);
		(void)ensure_one(STR("b"));
		struct projects before = ensure_one(STR("c"));
		struct str file = scene_file(&sc, "projects.json");
		size_t at = str_find(file, STR("\"name\":\"b\""));
		ck_assert_uint_lt(at, file.len);
		((char *)(uintptr_t)file.ptr)[at] = '|';
		scene_put(&sc, "projects.json", file);
		struct projects p = ensure_one(STR("d"));
		ck_assert(p.is_damaged);
		ck_assert_uint_eq(p.n, before.n);
		ck_assert_ptr_nonnull(projects_by_name(&p, STR("c")));
		ck_assert_ptr_nonnull(projects_by_name(&p, STR("d")));
		ck_assert_str_is(scene_file(&sc, "quarantine/projects.json"), file);
		p = ensure_one(STR("b")); /* comes back as it was */
		ck_assert(!p.is_damaged);
		ck_assert_str_is(projects_by_name(&p, STR("b"))->id,
			projects_by_name(&before, STR("b"))->id);
		scene_close(&sc);
	}
END_TEST

START_TEST(writers_at_the_same_time_lose_no_name)
	{
		enum { WRITERS = 8, NAMES = 6 };
		scene_open(&sc);
		for (unsigned i = 0; i < WRITERS; i++) {
			pid_t pid = fork();
			ck_assert_int_ge(pid, 0);
			if (pid)
				continue;
			struct projects p;
			for (unsigned j = 0; j < NAMES; j++) {
				struct str names[] = { STR("shared"),
					arena_printf(scene_arena(), "%u-%u", i, j) };
				if (projects_ensure(&sc.store, STR("w"), true, scene_arena(), names,
					    2, STR("me"), SCENE_NOW, &p))
					_exit(1);
			}
			_exit(0);
		}
		for (unsigned i = 0; i < WRITERS; i++) {
			int status;
			ck_assert_int_ge(wait(&status), 0);
			ck_assert_int_eq(status, 0);
		}
		struct projects p = ensure_one(STR("shared"));
		ck_assert_uint_eq(p.n, WRITERS * NAMES + 2);
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("projects", the_default_project_is_always_there,
	a_name_is_entered_once_in_its_first_spelling,
	the_id_is_the_one_the_name_had_before_it_was_entered,
	a_renamed_project_is_found_by_both_names, a_change_that_is_refused_changes_nothing,
	of_a_damaged_registry_what_is_sound_stays_and_the_file_is_put_aside,
	writers_at_the_same_time_lose_no_name)
