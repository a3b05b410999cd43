"""One HTTP client for every web API: retries under a deadline, logs in again, keeps limits, explains failures."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import MaxRetryError
from urllib3.util import Retry

from connectors.settings.api import ApiRules, is_safe_url
from connectors.sources.clock import Clock, RateLimit
from connectors.sources.web.http_auth import Auth
from connectors.sources.web.http_bodies import parse_json, receive
from connectors.sources.web.http_logs import hide_queries
from connectors.sources.web.http_messages import Answer, Call, Fault, ReadFault, Remedy, asked_wait
from connectors.sources.web.http_reasons import told_text
from resolve.errors import SourceError

TRIES = 7
CONNECT_SECONDS = 10.0
BODY_TIMES = 10.0  # times the time limit of silence: a large export over a slow line keeps coming
_SHORTEST_SECRET = 4  # characters: shorter ones would blot out half of any message
_LEAST_WAIT = 1.0  # seconds before a second try when the server names none
_RETRY = Retry(total=TRIES - 1, backoff_factor=1.0, backoff_max=60, backoff_jitter=1.0, allowed_methods=None)


class RefusedError(SourceError):
    """The server refused one question; `status` and `code` say how, for readers that know another way."""

    def __init__(self, source: str, message: str, hint: str, status: int, code: str) -> None:
        super().__init__(source, message, hint)
        self.status = status
        self.code = code


class _Header(AuthBase):
    """Sets `Authorization`; as an auth object, so that no netrc file can replace it."""

    def __init__(self, value: str | None) -> None:
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._value is not None:
            request.headers["Authorization"] = self._value
        return request


class HttpClient:
    """Sends the calls of one source, one after the other.

    Credentials go to the host of `base_url` (or the one that the login names) and the login's own, over https, or over
    http to this machine; redirects are not followed. After a failure that no other call can escape (credentials, quota)
    every further call fails at once with the same error.
    """

    def __init__(
        self,
        source: str,
        rules: ApiRules,
        base_url: str,
        auth: Auth,
        clock: Clock,
        read_fault: ReadFault,
    ) -> None:
        """Take the source's name, its API settings, and how the vendor tells faults."""
        self.source = source
        self.stream = ""  # the one that is read, for messages
        self.clock = clock
        self.limits: Mapping[str, RateLimit] = {}
        self.names: set[str] = set()  # of what the settings ask for: messages may show them
        self._rules = rules
        self._base_url = base_url
        self._auth = auth
        self._read_fault = read_fault
        self._session = requests.Session()
        self._session.trust_env = urlsplit(base_url).scheme == "https"  # no proxy between us and this machine
        self._session.headers["User-Agent"] = "meibo"
        self._stopped: SourceError | None = None
        hide_queries()

    def send(self, call: Call) -> Answer:
        """Return a usable answer. Raises RefusedError for a question that is at fault, else SourceError."""
        if self._stopped is not None:
            raise self._stopped
        return self._repeat(call, is_login=False)

    def now(self, answer: Answer) -> datetime:
        """Return the server's time of an answer, or ours where it does not tell."""
        return answer.date or self.clock.now()

    def close(self) -> None:
        """Close idle connections; the client can still be used."""
        self._session.close()

    def _repeat(self, call: Call, *, is_login: bool) -> Answer:
        """Send a call until its answer is usable, or nothing more can be done."""
        begun, retry, renewed = self.clock.monotonic(), _RETRY, False
        while True:
            if not is_login:
                self._log_in()
                self._keep_limit(call)
            outcome = self._try(call, is_login=is_login)
            if isinstance(outcome, Answer):
                return outcome
            if outcome.remedy is Remedy.LOGIN and self._auth.can_renew and not (renewed or is_login):
                self._auth.forget()
                renewed = True
            elif outcome.remedy is Remedy.RETRY:
                retry = self._wait(call, retry, outcome, begun)
            else:
                raise self._explain(call, outcome, is_login=is_login)

    def _log_in(self) -> None:
        """Fetch a token when there is none."""
        call = self._auth.login()
        if call is None or self._auth.header(self.clock.monotonic()) is not None:
            return
        answer = self._repeat(call, is_login=True)
        if not self._auth.accept(answer, self.clock.monotonic()):
            raise self._explain(call, Fault(Remedy.LOGIN, "gave no token"), is_login=True)

    def _keep_limit(self, call: Call) -> None:
        """Wait for the rate limit of the call's kind."""
        limit = self.limits.get(call.bucket)
        if limit is not None:
            limit.wait(self.clock)

    def _try(self, call: Call, *, is_login: bool) -> Answer | Fault:
        """Send a call once."""
        try:
            answer = self._ask(call, is_login=is_login)
        except requests.Timeout:
            return Fault(Remedy.RETRY, f"gave no answer in time (timeout_seconds: {self._rules.timeout_seconds:g})")
        except (requests.exceptions.SSLError, requests.exceptions.InvalidURL, requests.exceptions.ProxyError) as error:
            return Fault(Remedy.REFUSE, f"could not be reached ({type(error).__name__})")
        except requests.RequestException as error:  # its text may hold the address with values
            return Fault(Remedy.RETRY, f"broke off ({type(error).__name__})")
        fault = self._read_fault(answer)
        if fault is None:
            unusable = call.accept(answer)
            return Fault(Remedy.RETRY, unusable) if unusable else answer
        wait = asked_wait(answer, self.clock.now())
        return fault if wait is None else replace(fault, wait=wait)

    def _ask(self, call: Call, *, is_login: bool) -> Answer:
        """Return the answer to a call, whatever it says. Raises requests.RequestException where none comes whole."""
        url = self._address(call, is_login=is_login)
        header = None if is_login else self._auth.header(self.clock.monotonic())
        seconds = self._rules.timeout_seconds
        with self._session.request(
            call.method,
            url,
            params=list(call.query),
            json=call.json,
            data=call.form,
            headers={"Accept": "application/json", **call.headers},
            auth=_Header(header),
            timeout=(min(CONNECT_SECONDS, seconds), seconds),
            allow_redirects=False,
            stream=True,
        ) as got:
            body = receive(got, BODY_TIMES * seconds, self.clock.monotonic)
        return Answer(got.status_code, got.headers, body, parse_json(body))

    def _address(self, call: Call, *, is_login: bool) -> str:
        """Return the address of a call. Raises SourceError when it leads to another host or is not safe."""
        base = self._auth.origin or self._base_url
        url = call.path if is_login or "://" in call.path else base + call.path
        try:
            is_ours = is_safe_url(url) and (is_login or urlsplit(url)[:2] == urlsplit(base)[:2])
            host = urlsplit(url).netloc.rpartition("@")[2]
        except ValueError:  # such as https://[
            is_ours, host = False, "no address at all"
        if not is_ours:
            raise SourceError(
                self.source,
                f"an answer leads to another host or off https ({host}); nothing was sent there",
                f"Check the addresses in sources.{self.source}.api",
            )
        return url

    def _wait(self, call: Call, retry: Retry, fault: Fault, begun: float) -> Retry:
        """Wait before the next try. Raises SourceError when tries or time are used up."""
        waited, most = self.clock.monotonic() - begun, self._rules.max_wait_seconds
        try:
            retry = retry.increment(call.method, call.name)
        except MaxRetryError:
            said = f"after {TRIES} tries in {waited:,.0f} s"
            raise self._gave_up(call, fault, said, is_transient=True) from None
        pause = fault.wait if fault.wait is not None else max(retry.get_backoff_time(), _LEAST_WAIT)
        if waited + pause > most:
            asked = "Retry-After asks" if fault.wait is not None else "the next try is due"
            said = f"{asked} in {pause:,.0f} s, max_wait_seconds is {most:,.0f} (waited {waited:,.0f} s)"
            raise self._gave_up(call, fault, said, is_transient=fault.wait is None)
        self.clock.sleep(pause)
        return retry

    def _gave_up(self, call: Call, fault: Fault, said: str, *, is_transient: bool) -> SourceError:
        """Return the error for a server that stays unusable; transient unless it names a time that is too far off."""
        hint = "The cursor stays behind the last page that was landed: run again later"
        message = f"{self._place}{self._said(call, fault)}; given up: {said}"
        return SourceError(self.source, message, hint, is_transient=is_transient)

    def _explain(self, call: Call, fault: Fault, *, is_login: bool) -> SourceError:
        """Return the error for a fault that waiting does not mend; only a wrong question lets others be asked."""
        message = self._said(call, fault)
        if fault.remedy is Remedy.QUOTA:
            hint = "The quota is used up; nothing more is asked in this run, and the cursor stays. Run again later"
            self._stopped = SourceError(self.source, message, hint)
        elif fault.remedy is Remedy.LOGIN or is_login:
            hint = f"Check the credentials in sources.{self.source}.api, and that they are still valid"
            self._stopped = SourceError(self.source, f"not authorised: {message}", hint)
        else:
            message = self._place + message
            return RefusedError(self.source, message, self._hint(fault.status), fault.status, fault.code)
        return self._stopped

    @property
    def _place(self) -> str:
        """The stream that a call is for, at the beginning of a message."""
        return f"stream {self.stream}: " if self.stream else ""

    def _hint(self, status: int) -> str:
        """Return what to do about a refusal."""
        place = f"sources.{self.source}.api"
        if status == 403:
            return f"Give the account of {place} the right to read this"
        return f"Check base_url and version in {place}, and the object and columns of the stream"

    def told(self, text: str) -> str:
        """Return what may be shown of a vendor's text: no credential, and nothing that may be personal."""
        return told_text(self._redact(text), self.names)  # in this order: a credential that is cut is not found

    def _said(self, call: Call, fault: Fault) -> str:
        """Return how messages tell of a fault."""
        text = self.told(fault.text)
        return self._redact(f"{call.name} {fault.reason}") + (f": {text}" if text else "")

    def _redact(self, text: str) -> str:
        """Return a text without any credential."""
        for secret in sorted(self._auth.secrets, key=len, reverse=True):
            text = text.replace(secret, "***") if len(secret) >= _SHORTEST_SECRET else text
        return text
