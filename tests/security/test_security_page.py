"""Every line of the threat model has its test, and every test its line."""

from __future__ import annotations

import re
from pathlib import Path

from tests.security import test_security_answers, test_security_players, test_security_secrets

PAGE = Path(__file__).parents[2] / "docs" / "security.md"
MODULES = (test_security_secrets, test_security_answers, test_security_players)

# The line of the page: its test.
TABLE = {
    "A secret in a log or an error": "test_a_secret_in_a_log_or_an_error",
    "A secret that an answer says back": "test_a_secret_that_an_answer_says_back",
    "A secret in a pickle": "test_a_secret_in_a_pickle",
    "A secret over plain HTTP": "test_a_secret_over_plain_http",
    "A server that is not LootLocker's": "test_a_server_that_is_not_lootlockers",
    "A login carried away by a redirect": "test_a_login_carried_away_by_a_redirect",
    "A line break in a key or a token": "test_a_line_break_in_a_key_or_a_token",
    "An answer without an end": "test_an_answer_without_an_end",
    "A decompression bomb": "test_a_decompression_bomb",
    "A packing that was not asked for": "test_a_packing_that_was_not_asked_for",
    "Lengths that contradict each other": "test_lengths_that_contradict_each_other",
    "An answer nested without end": "test_an_answer_nested_without_end",
    "An answer of another shape": "test_an_answer_of_another_shape",
    "A number beyond measure": "test_a_number_beyond_measure",
    "Text that forges lines of a log": "test_text_that_forges_lines_of_a_log",
    "A wait without an end": "test_a_wait_without_an_end",
    "A list without an end": "test_a_list_without_an_end",
    "A cookie that follows us": "test_a_cookie_that_follows_us",
    "An answer that nobody asked for": "test_an_answer_that_nobody_asked_for",
    "A service that drifts without end": "test_a_service_that_drifts_without_end",
    "A pickle, or code, in an answer": "test_a_pickle_or_code_in_an_answer",
    "An id that leads to another route": "test_an_id_that_leads_to_another_route",
    "A value that adds to a query or a body": "test_a_value_that_adds_to_a_query_or_a_body",
    "A file name that forges a part": "test_a_file_name_that_forges_a_part",
    "An upload of what is no file": "test_an_upload_of_what_is_no_file",
    "A file URL that leads elsewhere": "test_a_file_url_that_leads_elsewhere",
    "A file's redirect to plain HTTP": "test_a_files_redirect_to_plain_http",
    "A secret sent to the host of a file": "test_a_secret_sent_to_the_host_of_a_file",
    "A file without an end": "test_a_file_without_an_end",
    "A file that names its own place": "test_a_file_that_names_its_own_place",
}


def test_the_page_and_the_table_agree() -> None:
    rows = [line.strip("|").split("|") for line in PAGE.read_text(encoding="utf-8").splitlines() if "| **" in line]
    assert all(len(row) == 3 and all(cell.strip() for cell in row) for row in rows)
    named = [re.fullmatch(r" \*\*(.+)\*\* ", row[0]) for row in rows]
    assert [name[1] for name in named if name] == list(TABLE)
    assert len(rows) == len(TABLE)


def test_every_line_has_its_test_and_every_test_its_line() -> None:
    found = {name for module in MODULES for name in vars(module) if name.startswith("test_")}
    assert sorted(TABLE.values()) == sorted(found)
