"""The scene that a command speaks of: a case file, named or the only one here, and a connection of one of its people."""

from pathlib import Path

from syncrules.auth import TokenError, VerifiedClaims
from syncrules.casefile.find import case_files
from syncrules.casefile.read import CaseFileError
from syncrules.casefile.scene import Scene
from syncrules.cli.person import json_object
from syncrules.cli.problem import REFUSED, Problem, Problems
from syncrules.cli.subscribe_option import subscriptions
from syncrules.diagnostics import RulesError, render_line
from syncrules.resolve.request import Request, RequestError

CASES_HELP = "The case file with rules, rows and people; without it, the only one in this folder."


def load_scene(path: Path | None) -> Scene:
    """The scene of a case file. Raises Problem."""
    if path is None:
        found = [*case_files([Path()])]
        if len(found) != 1:
            what = f"there are {len(found)} case files below this folder" if found else "there is no case file here"
            raise Problem("cases", f"{what}; name one with --cases")
        path = found[0]
    try:
        return Scene.load(path)
    except (CaseFileError, RulesError) as error:
        raise Problems(tuple(render_line(each, error.source) for each in error.diagnostics)) from None
    except OSError as error:
        raise Problem("cases", f"{path}: {error.strerror or error}") from None


def connection(scene: Scene, user: str, subscribe: tuple[str, ...], parameters: str) -> Request:
    """The connection of a person of the scene, or of the user with this id. Raises Problem."""
    asked = subscriptions(subscribe)
    sent = json_object(parameters, "--params")
    try:
        if user in scene.people:
            return scene.request(user, sent, asked)
        return Request(VerifiedClaims.unverified_for_testing({"sub": user}), sent, asked)
    except TokenError as error:
        raise Problem(str(error.code), f"the token of {user} is refused: {error.message}", REFUSED) from None
    except RequestError as error:
        raise Problem("request", str(error)) from None
