"""The Telegram chat; import it only where a Telegram bot is wanted, for it brings the library.

app        starts and stops: polling or webhook, menu, token check
webhook    takes updates that Telegram sends by itself
menu       which commands are offered where
commands   hears: a command, a press, a chat that opens or closes
links      deep links into the private chat, and what they may ask
inline     hears what is typed after the bot's name in any other chat
send       speaks: photo, file, text, edit in place
dress      a Reply in Telegram's clothes: entities, limits, buttons
limits     how fast Telegram lets a bot write
wire       HTTP that a bad answer cannot break, and what a failure means
"""

import os

from bot.chats.telegram.app import TelegramChat

__all__ = ["TelegramChat"]

# python-telegram-bot gives waits as timedelta only when asked to, and warns until then.
os.environ.setdefault("PTB_TIMEDELTA", "true")
