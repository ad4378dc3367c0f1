"""events of the stream -> messages in Telegram chats; what people answer there -> commands"""
