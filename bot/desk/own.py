"""What a chat has chosen and what is kept of people: shown, changed, handed over, deleted."""

from dataclasses import dataclass

from bot.desk.export import ExportDesk
from bot.desk.forget import ForgetDesk
from bot.desk.own_requests import ExportRequest, ForgetRequest, OwnRequests, SettingsRequest
from bot.desk.preferences import SettingsDesk
from bot.desk.privacy import KeptFor, privacy_reply
from bot.desk.requests import Asker
from bot.desk.usual import Usual
from bot.reply import Reply


@dataclass(frozen=True, slots=True)
class OwnDesk:
    """Answers by whichever desk knows."""

    settings: SettingsDesk
    exports: ExportDesk
    forgetting: ForgetDesk
    kept_for: KeptFor
    usual: Usual

    async def answer(self, request: OwnRequests, asker: Asker) -> Reply:
        """Answer a request. NotAllowed, UnknownZone, UnknownVenue, StoreUnavailable."""
        match request:
            case SettingsRequest():
                return await self.settings.answer(request, asker)
            case ExportRequest():
                return await self.exports.answer(request, asker)
            case ForgetRequest():
                return await self.forgetting.answer(request, asker)
        return privacy_reply(self.kept_for)
