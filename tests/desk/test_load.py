"""A folder becomes a desk, or every mistake at once."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import BaseModel

from casella.desk import CannedError, Catalogue, DeskMistaken, check_desk, fill, load_desk, read_desk, reread_desk
from casella_rules import Facts, decide, is_open
from tests.desk.desks import SOUND, catalogue, write_desk


def test_the_desk_knows_its_parts(tmp_path: Path) -> None:
    desk = load_desk(write_desk(tmp_path, SOUND), catalogue())
    assert desk.parts.desk == "Test desk"
    assert desk.locale == "en"
    assert desk.members("support") == ("ann", "bob")
    assert desk.members("sales") == ("ann", "bob")
    assert desk.parts.teams["billing"].strategy == "least_busy"
    assert desk.timezone_of("support") == "Europe/Rome"
    assert desk.timezone_of("sales") == "America/New_York"
    assert (desk.locale_of("support"), desk.locale_of("sales")) == ("en", "it")
    assert desk.rules.rules[0].name == "Greeting"


def test_its_rules_decide(tmp_path: Path) -> None:
    desk = load_desk(write_desk(tmp_path, SOUND), catalogue())
    decision = decide(desk.rules, Facts("message_received", {"text": "Hello there"}))
    assert decision.matched == ("Greeting",)


def test_rules_of_a_folder_count_in_the_order_of_the_file_names(tmp_path: Path) -> None:
    rule = "rules:\n  - {{name: {0}, when: message_received, if: {{text: {0}}}, then: [stop]}}\n"
    folder = write_desk(tmp_path, {"rules/20.yaml": rule.format("second"), "rules/10.yaml": rule.format("first")})
    (folder / "rules.yaml").unlink()
    desk = load_desk(folder, catalogue())
    assert [rule.name for rule in desk.rules.rules] == ["first", "second"]


def test_one_name_in_two_files_is_named_with_the_other_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = "rules:\n  - {name: A, when: message_received, if: {text: x}, then: [stop]}\n"
    folder = write_desk(tmp_path, {"rules/1.yaml": rule, "rules/2.yaml": rule})
    (folder / "rules.yaml").unlink()
    monkeypatch.chdir(tmp_path)
    assert [str(problem) for problem in check_desk("desk", catalogue())] == [
        "desk/rules/2.yaml:2:5: two rules are called 'A', this one and the one in desk/rules/1.yaml:2. "
        "A rule is known by its name"
    ]


RULES_THAT_CANNOT_BE_READ = {
    "a null": "rules:\n  - name: Gre\x00eting\n",
    "a list without its key": "- name: Greeting\n",
    "a rule without a name": "rules:\n  - when: message_received\n    if: always\n    then: [stop]\n",
    "something else than a list": "rules: {name: Greeting}\n",
    "more slips than are told": "rules:\n" + "  - name: {\n" * 30,
    "an anchor in the middle of a slip": "rules:\n  - &a {name: A\n  - *a\n",
}


@pytest.mark.parametrize("what", RULES_THAT_CANNOT_BE_READ)
def test_tests_may_name_any_rule_while_the_rules_cannot_be_read(what: str, tmp_path: Path) -> None:
    tests = "tests:\n  - {name: T, given: {message: Hello}, expect: {rules: [Greeting, Another]}}\n"
    folder = write_desk(tmp_path, {"rules.yaml": RULES_THAT_CANNOT_BE_READ[what], "tests.yaml": tests})
    problems = check_desk(folder, catalogue())
    assert {Path(problem.file).name for problem in problems} == {"rules.yaml"}


def test_a_file_whose_every_rule_has_a_slip_is_read_twenty_times_at_most(tmp_path: Path) -> None:
    rules = "rules:\n" + "".join(f"  - name: A{number}\n    when message_received\n" for number in range(30))
    problems = check_desk(write_desk(tmp_path, {"rules.yaml": rules}), catalogue())
    assert [problem.line for problem in problems] == list(range(3, 43, 2))


def test_a_desk_without_rules_and_canned_messages_is_a_desk(tmp_path: Path) -> None:
    folder = write_desk(tmp_path, {"rules.yaml": "rules: []\n", "canned.yaml": "canned: {}\n"})
    desk = load_desk(folder, catalogue())
    assert (desk.rules.rules, dict(desk.canned)) == ((), {})


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    (problem,) = check_desk(tmp_path / "nowhere", catalogue())
    assert (problem.message, problem.hint) == ("there is no such folder", "Name the folder that holds desk.yaml")


def test_a_folder_without_a_desk_is_said(tmp_path: Path) -> None:
    (problem,) = check_desk(tmp_path, catalogue())
    assert problem.file.endswith("desk.yaml")
    assert problem.message == "this file is missing"


def test_files_that_are_not_read_are_named(tmp_path: Path) -> None:
    folder = write_desk(tmp_path, {"rule.yaml": "", "more.yml": "", "rules/x.yaml": "", "notes.txt": "fine"})
    said = {Path(problem.file).name: problem for problem in check_desk(folder, catalogue())}
    assert sorted(said) == ["more.yml", "rule.yaml", "rules.yaml"]
    assert (said["more.yml"].message, said["more.yml"].hint) == ("this file is not read", "Call it more.yaml")
    assert said["rule.yaml"].hint == "Did you mean 'rules.yaml'?"
    assert said["rules.yaml"].message == "there is a folder rules/ as well"


@pytest.mark.parametrize(("name", "section"), [("hours", "hours"), ("team", "teams"), ("surveys", "surveys")])
def test_a_part_of_desk_yaml_in_a_file_of_its_own_is_told_where_it_belongs(
    name: str, section: str, tmp_path: Path
) -> None:
    (problem,) = check_desk(write_desk(tmp_path, {f"{name}.yaml": f"{section}: {{}}\n"}), catalogue())
    assert (problem.message, problem.hint) == (
        f"'{name}.yaml' is not read", f"What stands in it belongs into desk.yaml, below '{section}:'"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("renamed", "hint"),
    [
        ("rules.txt", "Rename rules.txt to rules.yaml, or write 'rules: []' into it if there shall be no rules"),
        (
            "rules.yaml.bak",
            "Rename rules.yaml.bak to rules.yaml, or write 'rules: []' into it if there shall be no rules",
        ),
        ("notes.txt", "Write 'rules: []' into it if there shall be no rules"),
    ],
)
def test_rules_that_are_missing_are_no_desk_without_rules(tmp_path: Path, renamed: str, hint: str) -> None:
    folder = write_desk(tmp_path, SOUND)
    (folder / "rules.yaml").rename(folder / renamed)
    desk, (problem,) = read_desk(folder, catalogue())
    assert desk is None
    assert problem.file.endswith("desk/rules.yaml")
    assert (problem.message, problem.hint) == ("rules.yaml is missing, so no rule would run", hint)


def test_a_folder_of_rules_without_any_is_said(tmp_path: Path) -> None:
    folder = write_desk(tmp_path, {"rules/10-billing.yaml.off": "rules: []\n"})
    (folder / "rules.yaml").unlink()
    (problem,) = check_desk(folder, catalogue())
    assert problem.file.endswith("desk/rules")
    assert str(problem).endswith(
        "there is no file of rules in this folder, so no rule would run. 10-billing.yaml.off is not read. "
        "Files of rules end in .yaml; write one with 'rules: []' if there shall be no rules"
    )


def test_a_desk_in_use_may_ask_for_a_survey_that_is_not_there(tmp_path: Path) -> None:
    desk = load_desk(write_desk(tmp_path, SOUND), catalogue())
    [name] = (name for name in desk.files if name.endswith("rules.yaml"))
    rule = "rules: [{name: Ask, when: conversation_closed, if: always, then: [survey]}]\n"
    again, problems = reread_desk({**desk.files, name: rule}, catalogue())
    assert again is not None, problems


def test_a_desk_yaml_that_is_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").mkdir()
    (problem,) = check_desk(tmp_path, catalogue())
    assert problem.message == "this file cannot be read: is a directory"


@pytest.mark.timeout(20)  # whoever opens a pipe waits for a writer
@pytest.mark.parametrize("name", ["desk.yaml", "rules.yaml", "canned.yaml"])
def test_what_is_no_regular_file_is_said(tmp_path: Path, name: str) -> None:
    folder = write_desk(tmp_path, {})
    (folder / name).unlink()
    os.mkfifo(folder / name)
    said = {Path(one.file).name: one.message for one in check_desk(folder, catalogue())}
    assert said[name] == "this file cannot be read: it is not a regular file"


@pytest.mark.parametrize("name", ["rules.yaml", "canned.yaml", "rules", "tests"])
def test_a_link_to_nothing_is_said(tmp_path: Path, name: str) -> None:
    folder = write_desk(tmp_path, {})
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(tmp_path / "elsewhere")
    assert "this link leads to nothing" in [one.message for one in check_desk(folder, catalogue())]


def test_a_link_to_a_file_is_the_file(tmp_path: Path) -> None:
    folder = write_desk(tmp_path, {})
    (folder / "rules.yaml").rename(tmp_path / "elsewhere.yaml")
    (folder / "rules.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    assert [rule.name for rule in load_desk(folder, catalogue()).rules.rules] == ["Greeting"]


def test_an_unreadable_desk_file_does_not_make_every_name_unknown(tmp_path: Path) -> None:
    rules = "rules:\n  - {name: A, when: message_received, if: {inbox: x}, then: [{assign: {team: y}}, stopp]}\n"
    problems = check_desk(write_desk(tmp_path, {"desk.yaml": "desk: [", "rules.yaml": rules}), catalogue())
    assert [Path(problem.file).name for problem in problems] == ["desk.yaml", "rules.yaml"]
    assert problems[1].message == "unknown action 'stopp'"


def test_all_problems_are_raised_together_in_order(tmp_path: Path) -> None:
    folder = write_desk(tmp_path, {"rules.yaml": "rules: 5", "canned.yaml": "canned: 5"})
    with pytest.raises(DeskMistaken) as caught:
        load_desk(folder, catalogue())
    assert [Path(problem.file).name for problem in caught.value.problems] == ["canned.yaml", "rules.yaml"]
    assert str(caught.value).count("\n") == 1
    assert caught.value.code == "desk_mistaken"


def test_comments_change_the_digest_but_not_the_rule_set(tmp_path: Path) -> None:
    one = load_desk(write_desk(tmp_path / "1", SOUND), catalogue())
    other = load_desk(write_desk(tmp_path / "2", {"rules.yaml": "# a comment\n" + SOUND["rules.yaml"]}), catalogue())
    assert one.digest != other.digest
    assert one.rules.hash == other.rules.hash


def test_office_hours_live_in_their_own_zone_or_the_desks(tmp_path: Path) -> None:
    hours = "hours:\n  a: {week: {monday: 09:00-10:00}}\n  b: {week: {monday: 09:00-10:00}, timezone: Asia/Tokyo}\n"
    text = SOUND["desk.yaml"].partition("hours:")[0] + hours
    desk = load_desk(write_desk(tmp_path, {"desk.yaml": text}), catalogue())
    nine_in_rome = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    assert is_open(desk.hours["a"], nine_in_rome)
    assert not is_open(desk.hours["b"], nine_in_rome)
    assert is_open(desk.hours["b"], datetime(2026, 11, 23, 0, 30, tzinfo=UTC))


def test_holidays_and_exceptions_are_taken_over(tmp_path: Path) -> None:
    hours = """\
hours:
  a:
    week: {monday-sunday: 09:00-18:00}
    holidays: IT
    exceptions: {2026-12-24: closed, 2026-12-25: 10:00-11:00}
"""
    text = SOUND["desk.yaml"].partition("hours:")[0] + hours
    desk = load_desk(write_desk(tmp_path, {"desk.yaml": text}), catalogue())
    open_at_ten = [
        is_open(desk.hours["a"], datetime.combine(day, datetime.min.time(), UTC).replace(hour=9, minute=30))
        for day in (date(2026, 12, 23), date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 26))
    ]
    assert open_at_ten == [True, False, True, False]


def test_reading_gives_no_desk_as_long_as_anything_is_wrong(tmp_path: Path) -> None:
    desk, problems = read_desk(
        write_desk(tmp_path, {"canned.yaml": "canned: {greeting: {text: '{{ x }}'}}"}), catalogue()
    )
    assert desk is None
    assert len(problems) == 1


def test_a_key_phrase_is_found_whatever_its_case(tmp_path: Path) -> None:
    canned = "canned:\n  greeting: {phrase: Good Day, text: A, inboxes: [support]}\n"
    desk = load_desk(write_desk(tmp_path, {"canned.yaml": canned}), catalogue())
    found = desk.by_phrase(" good  DAY ", "support")
    assert found is not None
    assert found.key == "greeting"
    assert desk.by_phrase("good day", "sales") is None
    assert desk.canned_for("sales") == ()


@pytest.mark.parametrize("folder", ["desk", "rules", "canned"])
def test_a_kept_desk_is_the_same_desk_whatever_the_folder_and_the_order(tmp_path: Path, folder: str) -> None:
    rule = "rules:\n  - {{name: {0}, when: message_received, if: {{text: {0}}}, then: [stop]}}\n"
    written = write_desk(tmp_path, {"rules/desk.yaml": rule.format("b"), "rules/canned.yaml": rule.format("a")})
    (written / "rules.yaml").unlink()
    desk = load_desk(written.rename(tmp_path / folder), catalogue())
    again, problems = reread_desk(dict(reversed(list(desk.files.items()))), catalogue())
    assert again is not None, problems
    assert (again.digest, again.rules.hash, dict(again.canned)) == (desk.digest, desk.rules.hash, dict(desk.canned))
    assert [rule.name for rule in again.rules.rules] == ["a", "b"]


def test_the_digest_does_not_depend_on_the_place(tmp_path: Path) -> None:
    one, other = (load_desk(write_desk(tmp_path / place, SOUND), catalogue()) for place in ("here", "there"))
    assert one.digest == other.digest


def test_a_kept_desk_keeps_its_rules_when_a_plugin_is_gone_or_wants_other_settings(tmp_path: Path) -> None:
    class OtherSettings(BaseModel):
        region: str

    rule = "rules: [{name: Text, when: message_received, if: {channel: sms}, then: [stop]}]\n"
    desk = load_desk(write_desk(tmp_path, {"rules.yaml": rule}), catalogue())
    for installed in (Catalogue(), Catalogue({"sms": OtherSettings}), Catalogue({"support-sms": OtherSettings})):
        again, problems = reread_desk(desk.files, installed)
        assert again is not None, problems
        assert again.rules.hash == desk.rules.hash


def test_a_kept_desk_loads_though_todays_check_would_refuse_its_rules(tmp_path: Path) -> None:
    rule = "rules: [{name: Late, when: message_received, if: {text: {is_set: true}}, then: [stop]}]\n"
    desk = load_desk(write_desk(tmp_path, {"rules.yaml": rule}), catalogue())
    [name] = (name for name in desk.files if name.endswith("rules.yaml"))
    both = "{text: {is_set: true}, all: [text: {is_set: false}]}"
    never = f"rules: [{{name: Never, when: message_received, if: {both}, then: [stop]}}]\n"
    files = {**desk.files, name: never}
    refused, problems = read_desk(write_desk(tmp_path / "today", {"rules.yaml": never}), catalogue())
    assert refused is None
    assert problems
    again, problems = reread_desk(files, catalogue())
    assert again is not None, problems
    assert [rule.name for rule in again.rules.rules] == ["Never"]


def test_a_kept_desk_loads_though_todays_check_would_refuse_its_texts(tmp_path: Path) -> None:
    desk = load_desk(write_desk(tmp_path, SOUND), catalogue())
    words = "{{ contact.name|trim(5) }}"
    rule = f"{{name: Old, when: message_received, if: always, then: [{{reply: {{text: '{words}'}}}}]}}"
    old = {"rules.yaml": f"rules: [{rule}]\n", "canned.yaml": f"canned: {{greeting: {{text: '{words}'}}}}\n"}
    refused, problems = read_desk(write_desk(tmp_path / "today", old), catalogue())
    assert refused is None
    assert len(problems) == 2
    files = {name: old.get(Path(name).name, text) for name, text in desk.files.items()}
    again, problems = reread_desk(files, catalogue())
    assert again is not None, problems
    with pytest.raises(CannedError):
        fill(again.canned["greeting"], "en", {"contact.name": "Ada"})


def test_what_is_no_desk_cannot_be_kept() -> None:
    with pytest.raises(KeyError):
        reread_desk({"rules.yaml": ""}, catalogue())
