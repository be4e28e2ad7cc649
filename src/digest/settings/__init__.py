"""
Settings of an installation: environment variables and `.env`, prefixed `DIGEST_`.

The only module that reads the environment. `read()` checks everything and reports all
problems at once. A secret `NAME` may also come from the file that `NAME_FILE` names.
"""

import difflib
import io
import os
import re
from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values, find_dotenv
from dotenv.parser import parse_stream
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from digest import zones
from digest.errors import BadInput, SettingsError
from digest.settings import checks

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PREFIX = "DIGEST_"
ENV, RUN = "DIGEST_ENV", "DIGEST_RUN"  #: which file holds the settings; set by `./run`
#: What Kubernetes sets in every container beside a service called `digest`: no settings of ours.
_OF_KUBERNETES = re.compile(r"DIGEST_(SERVICE_(HOST|PORT)|PORT)(_|$)")
SECRETS_OF_A_PLACE = ("secret_key", "pepper")  #: fields that every place must have
SECRETS = (
    *("SMTP_URL", "BOUNCE_MAILBOX", "SMTP_CLIENT_SECRET", "SMTP_REFRESH_TOKEN", "SECRET_KEY", "PEPPER", "DATABASE_URL"),
    *("HOOK_BREVO", "HOOK_MAILGUN", "HOOK_POSTMARK", "HOOK_STANDARD", "BACKUP_PASSPHRASE", "METRICS_TOKEN"),
)


class Settings(BaseModel):
    """All settings, checked. Frozen; made by `read` alone."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    database_url: Annotated[str, AfterValidator(checks.database)] = "sqlite:///var/digest.db"
    smtp_url: Annotated[str, AfterValidator(checks.transport)] = "outbox:var/outbox"
    sender: Annotated[str, AfterValidator(checks.sender)] = ""
    bounce_address: Annotated[str, AfterValidator(checks.bounce_address)] = ""
    bounce_mailbox: Annotated[str, AfterValidator(checks.mailbox)] = ""
    bounce_token_command: checks.Text = ""
    hook_ses: Annotated[str, AfterValidator(checks.topics)] = ""
    hook_mailgun: Annotated[str, AfterValidator(checks.hook_secret)] = ""
    hook_postmark: Annotated[str, AfterValidator(checks.hook_secret)] = ""
    hook_sendgrid: Annotated[str, AfterValidator(checks.public_key)] = ""
    hook_brevo: Annotated[str, AfterValidator(checks.hook_secret)] = ""
    hook_standard: Annotated[str, AfterValidator(checks.standard_secret)] = ""
    replies_to: Annotated[str, AfterValidator(checks.one_address)] = ""
    base_url: Annotated[str, AfterValidator(checks.web_address)] = ""
    postal_address: checks.Text = ""
    secret_key: Annotated[str, AfterValidator(checks.secret_keys)] = ""
    pepper: Annotated[str, AfterValidator(checks.secret_keys)] = ""
    timezone: Annotated[str, AfterValidator(checks.zone)] = ""
    templates: str = ""
    data_dir: str = "var"
    confirm_above: int = 10_000
    smtp_connections: Annotated[int, Field(ge=1, le=200)] = 8
    smtp_token_command: checks.Text = ""
    smtp_token_url: Annotated[str, AfterValidator(checks.token_server)] = ""
    smtp_client_id: checks.Text = ""
    smtp_client_secret: checks.Text = ""
    smtp_refresh_token: checks.Text = ""
    smtp_scope: checks.Text = ""
    ca_file: str = ""
    domain_rates: Annotated[str, AfterValidator(checks.rates)] = ""
    domain_families: Annotated[str, AfterValidator(checks.families)] = ""
    dkim_keys: Annotated[str, AfterValidator(checks.dkim_keys)] = ""
    admins: Annotated[str, AfterValidator(checks.addresses)] = ""
    trusted_proxies: Annotated[str, AfterValidator(checks.networks)] = ""
    ip_policy: Annotated[str, AfterValidator(checks.ip_policy)] = "truncated"
    signup_limits: Annotated[str, AfterValidator(checks.signup_limits)] = (
        "address=2/day,domain=100/hour,network=20/hour,all=1000/hour"
    )
    retention: Annotated[str, AfterValidator(checks.retention)] = (
        "attempts=180,ips=365,pending=90,departed=1095,events=90,audit=730"
    )
    backup_dir: str = ""
    backup_keep: Annotated[int, Field(ge=1, le=1000)] = 7
    backup_passphrase: str = ""
    settle: Annotated[int, Field(ge=0, le=120)] = 15
    unsure: Annotated[str, AfterValidator(checks.unsure)] = "hold"
    log_format: Annotated[str, AfterValidator(checks.log_format)] = "text"
    metrics_token: Annotated[str, AfterValidator(checks.hook_secret)] = ""

    home: Path = Path(".")  #: the folder of `.env`, else the current one: what relative paths count from

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """Secret keys that sign links, newest first."""
        return tuple(key.strip() for key in self.secret_key.split(",") if key.strip())

    @property
    def admin_addresses(self) -> tuple[str, ...]:
        """Addresses that are notified when a person must act."""
        return tuple(address.strip() for address in self.admins.split(",") if address.strip())

    @property
    def topics(self) -> tuple[str, ...]:
        """Topics of Amazon SNS whose messages are taken."""
        return tuple(topic.strip() for topic in self.hook_ses.split(",") if topic.strip())

    @property
    def rates(self) -> dict[str, float]:
        """Messages a second by family of domains, or by domain."""
        return {name: float(rate) for name, rate in checks.pairs(self.domain_rates).items()}

    @property
    def families(self) -> dict[str, str]:
        """Mapping of domain to family, in addition to the built-in ones."""
        return checks.pairs(self.domain_families)

    @property
    def dkim_files(self) -> tuple[tuple[str, Path], ...]:
        """Signing keys of mail: selector and file."""
        pairs = [key.partition("=") for key in self.dkim_keys.split(",") if key.strip()]
        return tuple((name.strip(), self.home / file.strip()) for name, _, file in pairs)

    @property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Networks of the proxies whose `X-Forwarded-For` is trusted."""
        return tuple(ip_network(part.strip()) for part in self.trusted_proxies.split(",") if part.strip())

    @property
    def limits_of_signups(self) -> dict[str, str]:
        """Rate limits of sign-ups, such as `20/hour`, by the thing that is counted; things that are not named have no limit."""
        return checks.pairs(self.signup_limits)

    @property
    def days_kept(self) -> dict[str, int]:
        """Days for which personal data is kept, by kind; kinds that are not named are kept for ever."""
        return {name: int(days) for name, days in checks.pairs(self.retention).items()}

    @property
    def ca_path(self) -> Path | None:
        """File of certificates that are trusted in addition to the system's; None: there is none."""
        return self.home / self.ca_file if self.ca_file else None

    @property
    def data_path(self) -> Path:
        """Folder of journals and other data."""
        return self.home / self.data_dir

    @property
    def backup_path(self) -> Path | None:
        """Folder of the scheduler's backups; None: it makes none."""
        return self.home / self.backup_dir if self.backup_dir else None

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of newsletters that name none: the setting, else the system's, else UTC."""
        return ZoneInfo(self.timezone or zones.of_system())


#: setting in `.env` → field, where they differ (`from` is a Python keyword)
FIELDS = {"FROM": "sender"}


def names() -> tuple[str, ...]:
    """Return every setting as it is written in `.env`, in the order of the class."""
    return tuple(variable(field) for field in Settings.model_fields if field != "home")


def variable(field: str) -> str:
    """Return the environment variable of a setting: `DIGEST_FROM` for `sender`."""
    back = {field: name for name, field in FIELDS.items()}
    return PREFIX + back.get(field, field.upper())


def find_env() -> Path | None:
    """Find the `.env` to read: the one that `DIGEST_ENV` names, else the nearest from here upwards."""
    named = os.environ.get(ENV)
    if named:
        return Path(named).resolve()
    found = find_dotenv(usecwd=True)
    return Path(found) if found else None


def read(env_file: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """
    Read the settings of `environ` (default: the process's), which override those of `env_file` (default: `find_env()`).

    Raises:
        SettingsError: with every problem, each naming the setting.
    """
    settings, problems = examine(env_file, environ)
    if problems:
        raise SettingsError(problems)
    return settings


def examine(env_file: Path | None = None, environ: Mapping[str, str] | None = None) -> tuple[Settings, Sequence[str]]:
    """Read the settings as `read` does; return them with the default where one cannot be used, and every problem."""
    env_file = env_file or find_env()
    problems: list[str] = []
    values: dict[str, object] = {"home": env_file.parent if env_file else Path.cwd()}
    given = {k: v for k, v in _in_file(env_file, problems).items() if v is not None} | dict(environ or os.environ)
    known = set(names())
    from_files = {f"{PREFIX}{name}_FILE" for name in SECRETS}
    for name, text in given.items():
        if name in known and text:
            values[_field(name)] = text
        elif name in from_files:
            _take_secret(name, text, values, problems)
        elif name.startswith(PREFIX) and name not in known:
            problems += _unknown(name, [*known, *from_files])
    try:
        settings = Settings(**values)  # type: ignore[arg-type]
    except ValidationError as problem:
        problems += [_say(error["loc"], _worded(error)) for error in problem.errors()]
        unfit = {str(error["loc"][0]) for error in problem.errors()}
        return Settings(**{name: value for name, value in values.items() if name not in unfit}), problems  # type: ignore[arg-type]
    return settings, [*problems, *_relay_problems(settings), *_token_problems(settings), *_ca_problems(settings)]


def _in_file(env_file: Path | None, problems: list[str]) -> Mapping[str, str | None]:
    try:
        return env_values(env_file)
    except SettingsError as problem:
        problems += problem.problems
        return {}


def origins(env_file: Path | None = None, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return where the value of each setting comes from: `environment`, `file`, that a variable names, `.env` or `default`."""
    given = os.environ if environ is None else environ
    in_file = {name for name, value in env_values(env_file or find_env()).items() if value}
    found = {}
    for name in names():
        by_file = f"{name}_FILE"
        found[name] = (
            "environment"
            if given.get(name)
            else "file"
            if given.get(by_file) or by_file in in_file
            else ".env"
            if name in in_file
            else "default"
        )
    return found


def _relay_problems(settings: Settings) -> list[str]:
    """List settings that an outbox accepts and a real relay must not get: readers could not unsubscribe."""
    if settings.smtp_url.startswith("outbox:"):
        return []
    problems = []
    url = urlsplit(settings.base_url)
    if url.scheme != "https" or (url.hostname or "") in ("localhost", "127.0.0.1", "::1"):
        problems.append("DIGEST_BASE_URL is not a public https address, and mail to a relay needs one for one-click unsubscribe")
    if not settings.postal_address:
        problems.append("DIGEST_POSTAL_ADDRESS is not set, and the law wants it in every mail to a relay")
    if "." not in parseaddr(settings.sender)[1].rpartition("@")[2]:
        problems.append("DIGEST_FROM is not set to an address of your domain, and a relay needs one")
    return problems


def _token_problems(settings: Settings) -> list[str]:
    """List problems of settings for access tokens: missing, or contradictory."""
    by_refresh = ("smtp_token_url", "smtp_client_id", "smtp_refresh_token")
    given = [name for name in (*by_refresh, "smtp_client_secret", "smtp_scope") if getattr(settings, name)]
    missing = [PREFIX + name.upper() for name in by_refresh if not getattr(settings, name)]
    if given and settings.smtp_token_command:
        return [f"DIGEST_SMTP_TOKEN_COMMAND and {PREFIX}{given[0].upper()} are two ways to a token; keep one"]
    if given and missing:
        return [f"{', '.join(missing)} not set, and a token by a refresh token needs it"]
    return []


def _ca_problems(settings: Settings) -> list[str]:
    if settings.ca_path is None:
        return []
    import ssl  # most places have no authority of their own, and short commands load no more than they need

    try:
        ssl.create_default_context(cafile=settings.ca_path)
    except ssl.SSLError:
        return [f"DIGEST_CA_FILE: {settings.ca_path} holds no certificate in PEM form"]
    except OSError as problem:
        return [f"DIGEST_CA_FILE: {settings.ca_path} cannot be read: {problem.strerror}"]
    return []


def secret(reference: str, *, home: Path) -> str:
    """
    Return the secret that `env:NAME` or `file:PATH` refers to; NAME may be set in `.env`, PATH is relative to `home`.

    Raises:
        BadInput: it is not there.
    """
    kind, _, name = reference.partition(":")
    if kind == "env":
        value = os.environ.get(name) or env_values(find_env()).get(name)
        if not value:
            raise BadInput(f"{reference} is not set; set the environment variable {name}, or a line of that name in .env")
        return value
    try:
        return (home / name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise BadInput(f"{reference} cannot be read: {getattr(problem, 'strerror', '') or 'it is not UTF-8'}") from problem


def env_values(env_file: Path | None) -> Mapping[str, str | None]:
    """Return the values in a `.env`; empty where there is none. Raises SettingsError where it, or a line of it, cannot be read."""
    if env_file is None:
        return {}
    try:
        text = env_file.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise SettingsError([f"{env_file} cannot be read: {problem.strerror}"]) from problem
    except UnicodeDecodeError as problem:
        raise SettingsError([f"{env_file} is not UTF-8; save it as UTF-8"]) from problem
    sound: list[str] = []
    odd: dict[str, str | None] = {}
    problems = []
    for line in parse_stream(io.StringIO(text)):
        if not line.error:
            sound.append(line.original.string)
        elif found := re.fullmatch(r"\s*(?:export\s+)?DIGEST_FROM\s*=\s*([\"'].*[\"']\s*<[^<>]*>)\s*", line.original.string):
            odd["DIGEST_FROM"] = found[1]  # `"Morning Paper" <paper@example.org>`: quotes that belong to the value
        else:
            name = line.original.string.strip().partition("=")[0][:60]
            problems.append(
                f"{env_file}, line {line.original.line} cannot be read ({name}); write it as NAME=value, in quotes whole or not at all"
            )
    if problems:
        raise SettingsError(problems)
    return dict(dotenv_values(stream=io.StringIO("".join(sound)))) | odd


def missing_secrets(env_file: Path | None) -> list[str]:
    """Return the variables of the secrets that every place needs and that neither the environment nor `env_file` has. Raises SettingsError."""
    have = env_values(env_file)
    return [
        name
        for name in map(variable, SECRETS_OF_A_PLACE)
        if not (have.get(name) or os.environ.get(name) or os.environ.get(name + "_FILE"))
    ]


def started_by_run() -> bool:
    """Return whether `./run` started this program, whose own name is then not on the PATH."""
    return bool(os.environ.get(RUN))


def _unknown(name: str, known: Sequence[str]) -> list[str]:
    if name in (ENV, RUN) or _OF_KUBERNETES.match(name):
        return []
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    return [f"{name} is no setting of digest" + (f"; did you mean {near[0]}?" if near else "; take it away")]


#: pydantic's kinds of errors that our own checks do not word → how we say it.
_WORDED = {
    "int_parsing": "is not a whole number",
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "greater_than_equal": "is less than {ge}",
    "greater_than": "is not more than {gt}",
    "less_than_equal": "is more than {le}",
    "less_than": "is not less than {lt}",
    "float_parsing": "is not a number",
    "bool_parsing": "is neither `true` nor `false`",
}


def _worded(error: "ErrorDetails") -> str:
    facts = error.get("ctx", {})
    return str(facts.get("error") or _WORDED.get(error["type"], "cannot be used").format(**facts))


def _take_secret(name: str, path: str, values: dict[str, object], problems: list[str]) -> None:
    try:
        values.setdefault(_field(name[:-5]), Path(path).read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as problem:
        problems.append(f"{name} names a file that cannot be read: {problem}")


def _field(name: str) -> str:
    short = name.removeprefix(PREFIX)
    return FIELDS.get(short, short.lower())


def _say(loc: tuple[int | str, ...], message: str) -> str:
    return f"{variable(str(loc[0]))} {message[0].lower()}{message[1:]}"
