import json
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from crawler.config.file import find_config, load_config
from crawler.config.plan import plan_for
from crawler.config.tree import DELAY_WITHOUT_CONTACT, Config, Source
from crawler.errors import ConfigError
from crawler.patterns import IN_WORDS

SHIPPED = Path(__file__).parents[3] / "config.yaml"


def write(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str, env: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config(write(folder, text), env or {})
    return [p.replace(f"{folder}/", "") for p in caught.value.problems]


def test_the_shipped_file_is_valid() -> None:
    config = load_config(SHIPPED, {})

    assert (
        len({s.language or s.group for s in config.sources if s.state == "active"}) >= 3
    )


def test_the_shipped_model_case_is_paused() -> None:
    config = load_config(SHIPPED, {})

    (dadunation,) = [s for s in config.sources if s.name == "Dadunation"]
    assert (dadunation.state, dadunation.feeds[0][-14:]) == ("paused", "/blog-feed.xml")


def test_an_empty_file_means_all_defaults(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, "# nothing\n"), {}) == Config()


def test_an_unknown_key_names_file_line_and_the_nearest_key(tmp_path: Path) -> None:
    text = "sources:\n  - name: A\n    home: https://a.example/\n    feedz: []\n"

    assert problems(tmp_path, text) == [
        'config.yaml:4: sources.0.feedz: unknown key; did you mean "feeds"?'
    ]


def test_an_unknown_key_far_from_all_lists_what_is_known(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "storage:\n  xyzzy: 1\n")

    assert problem.startswith("config.yaml:2: storage.xyzzy: unknown key; known here: ")


def test_a_key_of_another_section_names_that(tmp_path: Path) -> None:
    text = "limits:\n  allow_networks: [10.0.0.0/8]\nfolder: data\n"

    assert problems(tmp_path, text) == [
        "config.yaml:2: limits.allow_networks: unknown key here; it is one of policy",
        "config.yaml:3: folder: unknown key here; it is one of storage",
    ]


def test_no_far_key_is_taken_for_a_slip_of_the_pen(tmp_path: Path) -> None:
    text = "sources:\n  - name: A\n    home: https://a.example/\n    url: x\n"
    (problem,) = problems(tmp_path, text)

    assert problem.startswith("config.yaml:4: sources.0.url: unknown key; known here: ")


def test_all_problems_are_listed_at_once(tmp_path: Path) -> None:
    text = """\
storage:
  segment_size: much
defaults:
  delay: soon
sources:
  - name: A
    home: ftp://a.example/
  - home: https://b.example/
"""

    found = problems(tmp_path, text)

    assert [p.split(": ")[:2] for p in found] == [
        ["config.yaml:2", "storage.segment_size"],
        ["config.yaml:4", "defaults.delay"],
        ["config.yaml:7", "sources.0.home"],
        ["config.yaml:8", "sources.1.name"],
    ]


def test_a_name_that_stands_twice_is_named_at_its_second_place(tmp_path: Path) -> None:
    text = """\
sources:
  - name: A
    home: https://a.example/
  - name: a
    home: https://b.example/
    group: none
"""

    assert problems(tmp_path, text) == [
        "config.yaml:4: sources.1.name: 'a' stands twice",
        "config.yaml:6: sources.1.group: no group 'none'",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [1\nb: 2\n", "config.yaml:2: not valid YAML"),
        ("- 1\n", "config.yaml:1: the file must be a mapping"),
        (
            "service:\n  port: 1\n  port: 2\n",
            "config.yaml:3: service.port stands twice",
        ),
        ("a: &x 1\nb: *x\n", "config.yaml: aliases"),
        ("a: !!python/object:os.system 1\n", "config.yaml:1: not valid YAML"),
        ("service: 5\n", "config.yaml:1: service:"),
        ("a:\n\tb: 1\n", "config.yaml:2: not valid YAML: a tab at the beginning"),
        ("a: 1\nb: \x07\n", "config.yaml:2: not valid YAML: a control character"),
    ],
    ids=["cut", "list", "twice", "alias", "python", "scalar", "tab", "bell"],
)
def test_what_is_no_settings_file_is_refused(
    tmp_path: Path, text: str, problem: str
) -> None:
    assert problems(tmp_path, text)[0].startswith(problem)


def test_a_file_of_another_encoding_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes("identity:\n  contact: Ren\u00e9\n".encode("cp1252"))

    with pytest.raises(ConfigError, match=r":2: not valid YAML: not UTF-8; save"):
        load_config(path, {})


def test_the_environment_lies_over_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "storage:\n  folder: here\n  disk_floor: 1GiB\n")
    env = {
        "KLIPING_STORAGE__FOLDER": "/data",
        "KLIPING_POLICY__ALLOW_NETWORKS": '["127.0.0.0/8"]',
        "KLIPING_IDENTITY__CONTACT": "desk@news.example",
        "HOME": "/root",
    }

    config = load_config(path, env)

    assert config.storage.folder == Path("/data")
    assert config.storage.disk_floor == 1024**3
    assert config.policy.allow_networks == (ip_network("127.0.0.0/8"),)
    assert config.identity.contact == "desk@news.example"


def test_an_unknown_variable_is_a_problem(tmp_path: Path) -> None:
    env = {"KLIPING_STORAGE__FOLDR": "x"}

    assert problems(tmp_path, "", env) == [
        'environment: KLIPING_STORAGE__FOLDR: unknown setting; did you mean "folder"?'
    ]


def test_a_variable_with_a_wrong_value_is_named(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "", {"KLIPING_SERVICE__PORT": "many"})

    assert problem.startswith("environment: KLIPING_SERVICE__PORT: ")


def test_a_variable_that_is_not_json_is_a_problem(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "", {"KLIPING_POLICY__PORTS": "[80"})

    assert problem.startswith("environment: ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("identity: {name: 1 x}", "identity.name: write a letter, then"),
        ('identity: {contact: "a\\nb"}', "identity.contact: write it on one line"),
        ("storage: {database: mysql://x}", "storage.database: write sqlite:///"),
        ("storage: {database: 'postgresql://a:b@c@h/d'}", "storage: in the name and"),
        ("storage: {database: 'postgresql://a:b/c@h/d'}", "storage: in the name and"),
        ("storage: {objects: ftp://x}", "storage.objects: write s3://"),
        ("storage: {objects_endpoint: x}", "storage.objects_endpoint: write an addr"),
        ("storage: {keep_events: 1h}", "storage.keep_events: write a day at least"),
        ("storage: {folder: 3}", "storage.folder: must be a path"),
        ("defaults: {language: english}", "defaults.language: write the code"),
        ("defaults: {language: no}", "defaults.language: must be text; yes, no, on"),
        ("defaults: {language: 5}", "defaults.language: must be text: put it in q"),
        ("service: {names: [a b]}", "service.names.0: write a host's name"),
        ("service: {names: a}", "service.names: must be a list"),
        ("groups: []", "groups: must be a mapping"),
        ("limits: 5", "limits: must be a mapping"),
        ("alerts: {events: [A]}", "alerts.events.0: write a type of events"),
        ("alerts: {events: [source.degradd]}", "alerts.events.0: no events are of"),
        ("policy: {allow_networks: [10.0.0.1/8]}", "policy.allow_networks.0: write a"),
        ("identity: {info_url: nope}", "identity.info_url: not a URL"),
        (
            "sources: [{name: NO, home: https://a.example/}]",
            "sources.0.name: must be text; yes, no, on",
        ),
        (
            "sources: [{name: a/b, home: https://a.example/}]",
            "sources.0.name: begin with a letter, a digit or _",
        ),
        (
            "alerts: {mail: {to: [x], sender: a@b.example, host: b.example}}",
            "alerts.mail.to.0: write a mail address",
        ),
        (
            "alerts: {mail: {to: [], sender: a@b.example, host: b.example}}",
            "alerts.mail.to: must not be empty",
        ),
        (
            "alerts: {mail: {to: [a@b.example], sender: a@b.example, host: a b}}",
            "alerts.mail.host: write a mail server's name",
        ),
    ],
)
def test_a_wrong_value_is_told_once_and_in_words(
    tmp_path: Path, text: str, told: str
) -> None:
    (problem,) = problems(tmp_path, text)

    assert problem.startswith(f"config.yaml:1: {told}")


def test_every_pattern_of_a_setting_has_its_words() -> None:
    schema = json.dumps(Config.model_json_schema(), ensure_ascii=False)
    ours = {one for one in IN_WORDS if json.dumps(one, ensure_ascii=False) in schema}
    others = schema.count('"pattern"') - sum(
        schema.count(f'"pattern": {json.dumps(one, ensure_ascii=False)}')
        for one in ours
    )
    durations = schema.count("(ms|min|[smhdw])")

    assert ours == set(IN_WORDS)
    assert others == durations


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a folder; name the file in it"):
        find_config(tmp_path)


def test_a_file_that_was_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        find_config(tmp_path / "none.yaml")


def test_config_yaml_of_the_working_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KLIPING_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "")

    assert find_config(None) == Path("config.yaml")


def test_without_a_file_the_shipped_one_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KLIPING_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)

    assert load_config(find_config(None), {}).sources


def test_the_variable_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "")
    monkeypatch.setenv("KLIPING_CONFIG", str(path))

    assert find_config(None) == path


def test_a_source_overrides_its_group_and_a_group_the_defaults() -> None:
    config = Config.model_validate(
        {
            "identity": {"contact": "desk@news.example"},
            "defaults": {"delay": "2s", "poll": "1h", "language": "en"},
            "groups": {"id": {"delay": "4s", "language": "id"}},
        }
    )
    source = Source.model_validate(
        {"name": "A", "home": "https://a.example", "group": "id", "delay": "8s"}
    )

    plan = plan_for(source, config)

    assert (plan.delay, plan.language, plan.poll) == (
        timedelta(seconds=8),
        "id",
        timedelta(hours=1),
    )


def test_without_a_contact_a_host_rests_ten_seconds() -> None:
    source = Source.model_validate({"name": "A", "home": "https://a.example"})

    assert plan_for(source, Config()).delay == DELAY_WITHOUT_CONTACT


def test_the_user_agent_says_who_we_are() -> None:
    config = Config.model_validate(
        {
            "identity": {
                "contact": "desk@news.example",
                "info_url": "https://n.example/bot",
            }
        }
    )

    assert config.identity.user_agent("1.2") == (
        "Kliping/1.2 (+https://n.example/bot; desk@news.example)"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "service:\n  address: news.example\n",
            "config.yaml:2: service.address: no IP address",
        ),
        ('identity:\n  contact: "a\\r\\nX: 1"\n', "config.yaml:2: identity.contact: "),
        ("identity:\n  info_url: nonsense\n", "config.yaml:2: identity.info_url: "),
        (
            "defaults:\n  rules:\n    body: 'div[['\n",
            "config.yaml:3: defaults.rules.body: not a CSS selector: 'div[['",
        ),
        (
            "defaults: {rules: {valid_from: 2026-02-01, valid_until: 2026-01-01}}\n",
            "config.yaml:1: defaults.rules: valid_until is before valid_from",
        ),
    ],
    ids=["address", "contact", "info_url", "selector", "dates"],
)
def test_what_cannot_work_is_found_before_it_runs(
    tmp_path: Path, text: str, problem: str
) -> None:
    assert problems(tmp_path, text)[0].startswith(problem)


def test_an_empty_variable_says_nothing(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, ""), {"KLIPING_STORAGE__FOLDER": ""})

    assert config == Config()


def test_one_underscore_too_few_is_explained(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "", {"KLIPING_STORAGE_FOLDER": "x"})

    assert problem.endswith('did you mean "KLIPING_STORAGE__FOLDER"?')


@pytest.mark.parametrize(
    ("callback", "held"),
    [
        ("https://Kliping.example/websub/", "https://kliping.example/websub"),
        ("https://kliping.example:8443", "https://kliping.example:8443"),
        ("http://127.0.0.1:8765/websub", "http://127.0.0.1:8765/websub"),
        ("http://[::1]:8765/websub", "http://[::1]:8765/websub"),
    ],
)
def test_hubs_may_be_let_in(tmp_path: Path, callback: str, held: str) -> None:
    text = f"websub:\n  callback: {callback}\n"

    assert load_config(write(tmp_path, text), {}).websub.callback == held


@pytest.mark.parametrize(
    ("callback", "why"),
    [
        ("http://kliping.example/websub", "a callback is https"),
        ("https://kliping.example/websub?a=1", "no query"),
        ("https://kliping.example/websub?", "no query"),
        ("'https://kliping.example/websub#a'", "no fragment"),
        ("https://me:word@kliping.example/", "user information"),
        ("kliping.example/websub", "URL"),
    ],
)
def test_hubs_are_let_in_by_https_alone(
    tmp_path: Path, callback: str, why: str
) -> None:
    (problem,) = problems(tmp_path, f"websub:\n  callback: {callback}\n")

    assert problem.startswith("config.yaml:2: websub.callback: ")
    assert why in problem


def test_hubs_are_not_let_in_unless_asked_to() -> None:
    assert Config().websub.callback is None
