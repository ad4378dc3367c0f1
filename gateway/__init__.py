"""Who asks, and who is told: the HTTP door and the Telegram bots, users, webhooks, and the read models behind them."""
