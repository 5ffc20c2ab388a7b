"""Group chats that are told of what happens: Slack and Mattermost."""
