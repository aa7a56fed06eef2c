"""What chats prefer, and copies of pictures they have uploaded."""

from sqlalchemy import text

from bot.ports import ChatSettings
from storage.database import Database

# Pictures change with every bar: what was uploaded this many pictures ago is not asked for again.
UPLOADS_KEPT = 20_000


class Settings:
    """The SettingsStore in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    OF_CHAT = """
    SELECT theme, window_name, venues, panels
    FROM chat
    WHERE chat = :chat
    """

    async def settings(self, chat: str) -> ChatSettings:
        """Return a chat's settings, the defaults if it has none."""
        async with self._database.reading() as connection:
            found = await connection.execute(text(self.OF_CHAT), {"chat": chat})
            row = found.one_or_none()
        if row is None:
            return ChatSettings()
        return ChatSettings(row.theme, row.window_name, _listed(row.venues), _listed(row.panels))

    CHANGE = """
    INSERT INTO chat (chat, theme, window_name, venues, panels)
    VALUES (:chat, :theme, :window_name, :venues, :panels)
    ON CONFLICT (chat) DO UPDATE SET
        theme = excluded.theme, window_name = excluded.window_name, venues = excluded.venues,
        panels = excluded.panels
    """

    async def change(self, chat: str, settings: ChatSettings) -> None:
        """Replace a chat's settings."""
        row = {
            "chat": chat,
            "theme": settings.theme,
            "window_name": settings.window,
            "venues": _joined(settings.venues),
            "panels": _joined(settings.panels),
        }
        async with self._database.writing() as connection:
            await connection.execute(text(self.CHANGE), row)

    UPLOADED = """
    SELECT file_id
    FROM upload
    WHERE platform = :platform AND key = :key
    """

    async def uploaded(self, platform: str, key: str) -> str | None:
        """Return the platform's file id for a picture already uploaded."""
        async with self._database.reading() as connection:
            asked = {"platform": platform, "key": key}
            file_id: str | None = await connection.scalar(text(self.UPLOADED), asked)
        return file_id

    REMEMBER = """
    INSERT INTO upload (platform, key, file_id)
    VALUES (:platform, :key, :file_id)
    ON CONFLICT (platform, key) DO UPDATE SET file_id = excluded.file_id
    RETURNING id
    """

    FORGET = """
    DELETE FROM upload
    WHERE id <= :id
    """

    async def remember_upload(self, platform: str, key: str, file_id: str) -> None:
        """Remember a platform's file id for a picture; the oldest ones are forgotten."""
        row = {"platform": platform, "key": key, "file_id": file_id}
        async with self._database.writing() as connection:
            number = (await connection.execute(text(self.REMEMBER), row)).scalar_one()
            await connection.execute(text(self.FORGET), {"id": number - UPLOADS_KEPT})


def _joined(words: tuple[str, ...] | None) -> str | None:
    return None if words is None else ",".join(words)


def _listed(words: str | None) -> tuple[str, ...] | None:
    if words is None:
        return None
    return tuple(words.split(",")) if words else ()
