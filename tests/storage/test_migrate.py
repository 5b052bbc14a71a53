"""Migrations: each once, all or nothing, one migrator at a time, and every table protected at the end."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from duecourse.storage import migrate as module
from duecourse.storage.connection import NoDatabase
from duecourse.storage.migrate import FILES, MigrationBusy, MigrationFailed, SchemaAhead, migrate, pending

NAMES = sorted(path.stem for path in FILES.glob("*.sql"))


def test_all_files_in_order_and_then_nothing(empty_database: str) -> None:
    assert pending(empty_database) == NAMES
    assert migrate(empty_database) == NAMES
    assert migrate(empty_database) == []
    assert pending(empty_database) == []


def test_two_migrators_at_once_do_the_work_once(empty_database: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(migrate, [empty_database] * 4))
    assert sorted(name for names in done for name in names) == NAMES


def test_a_migrator_killed_at_any_moment_leaves_whole_files(empty_database: str) -> None:
    program = "import sys; from duecourse.storage.migrate import migrate; print('go', flush=True); migrate(sys.argv[1])"
    for fiftieths in (0, 1, 2, 4, 8):
        child = subprocess.Popen([sys.executable, "-c", program, empty_database], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=0.02 * fiftieths + 0.001)
        child.kill()
        child.communicate()
    migrate(empty_database)
    assert migrate(empty_database) == []


def test_a_refused_file_is_undone_and_named(empty_database: str, tmp_path: Path) -> None:
    shutil.copytree(FILES, tmp_path, dirs_exist_ok=True)
    (tmp_path / "9000_bad.sql").write_text("CREATE TABLE half (a int);\nSELECT 1/0;\n")
    with pytest.raises(MigrationFailed, match=r"9000_bad .*division by zero"):
        migrate(empty_database, files=tmp_path)
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("SELECT to_regclass('half')").fetchone() == (None,)
    assert pending(empty_database, files=tmp_path) == ["9000_bad"]


def test_a_database_of_a_newer_version_is_left_alone(empty_database: str, tmp_path: Path) -> None:
    shutil.copytree(FILES, tmp_path, dirs_exist_ok=True)
    (tmp_path / "9000_new.sql").write_text("CREATE TABLE newer (a int);\n")
    migrate(empty_database, files=tmp_path)
    with pytest.raises(SchemaAhead, match="9000_new"):
        migrate(empty_database)


def test_a_locked_table_makes_it_give_up_whole(
    empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ATTEMPTS_MAX", 2)
    monkeypatch.setattr(module, "_OPTIONS", module._OPTIONS.replace("lock_timeout=2000", "lock_timeout=50"))
    shutil.copytree(FILES, tmp_path, dirs_exist_ok=True)
    migrate(empty_database)
    (tmp_path / "9000_touch.sql").write_text("ALTER TABLE hold ADD COLUMN note text;\n")
    with psycopg.connect(empty_database) as reader:
        reader.execute("SELECT count(*) FROM hold")
        with pytest.raises(MigrationBusy, match="9000_touch"):
            migrate(empty_database, files=tmp_path)
    assert migrate(empty_database, files=tmp_path) == ["9000_touch"]


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(NoDatabase, match=r"127.0.0.1:1/nothing") as caught:
        migrate("postgresql://somebody:s3cret@127.0.0.1:1/nothing")
    assert "s3cret" not in str(caught.value)


def test_every_table_is_bound_to_the_lender(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        found = connection.execute(
            "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, "
            "EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'one_lender'), "
            "EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
            "WHERE i.indrelid = c.oid AND i.indisprimary AND a.attname = 'lender_id'), "
            "has_table_privilege('duecourse_app', c.oid, 'TRUNCATE') "
            "FROM pg_class c WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition "
            "AND c.relnamespace = 'public'::regnamespace AND c.relname !~ 'yoyo' ORDER BY 1"
        ).fetchall()
    assert len(found) >= 20
    assert [row[0] for row in found if row[1:] != (True, True, True, True, False)] == []


def test_the_application_owns_nothing_and_cannot_make_tables(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        owned = connection.execute("SELECT count(*) FROM pg_class WHERE relowner = 'duecourse_app'::regrole").fetchone()
        assert owned == (0,)
        role = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcanlogin, rolcreaterole FROM pg_roles WHERE rolname = 'duecourse_app'"
        ).fetchone()
        assert role == (False, False, False, False)
        assert connection.execute("SELECT has_schema_privilege('duecourse_app', 'public', 'CREATE')").fetchone() == (
            False,
        )


def test_the_schema_uses_no_extension(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT extname FROM pg_extension").fetchall() == [("plpgsql",)]
