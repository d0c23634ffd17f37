"""What is said to people: messengers and mail."""

from __future__ import annotations

from intents.order_forms.words import AN, CALLED, MEET, NEW, SAY, WRITE

MESSAGES: dict[str, tuple[str, ...]] = {
    "chat.ask_approval": ("~ask {approver:who} (for|to give) [an|the|his|her] (approval|ok|permission|go-ahead) [to {text:rest}]",),
    "chat.upload_file": ("~(upload|attach) (this|it|that|the|my) [attached] [file] (to|in|into) [the] [channel] {channel:channel}",),
    "slack.create_channel": (
        f"(create|make|open|add) {AN} private channel {CALLED} {{name:slug}} => private=true",
        f"(create|make|open|add) {AN} [public] channel {CALLED} {{name:slug}}",
    ),
    "slack.invite_to_channel": ("(invite|add|bring) {user:mails} (to|into) [the] [channel] {channel:channel} [channel]",),
    "slack.set_topic": (
        "~(set|change|update|make) [the] topic (of|in|for) [the] [channel] {channel:channel} (to|:) {topic:rest}",
        "(set|change|update|make) [the] topic (of|in|for) [the] [channel] {channel:word} (to|:) {topic:rest}",
    ),
    "slack.add_reaction": (
        "~react with {emoji} (to|on) [the] [message] {message:link}",
        "~react with [a|the] {emoji:word} (to|on) [the] [message] {message:link}",
        "~(add|put|leave) [a|the] {emoji} [reaction] (to|on) [the] [message] {message:link}",
        "~(add|put|leave) [a|the] reaction {emoji} (to|on) [the] [message] {message:link}",
    ),
    "discord.create_thread": (
        f"(create|start|open|make) {AN} thread {CALLED} {{name}} in [the] [channel] {{channel:channel}} [channel]",
        f"(create|start|open|make) {AN} thread in [the] [channel] {{channel:channel}} {CALLED} {{name}}",
    ),
    "discord.add_role": (
        "(give|assign|grant) {user:who} [the] {role} role",
        "(give|assign|grant) {user:who} the role {role}",
        "(add|give|assign|grant) the role {role} to {user:who}",
        "(add|give|assign|grant) the {role} role to {user:who}",
    ),
    "teams.post_message": (
        f"(post|send|write) {AN} message (to|in) [the] [channel] {{channel:name}} [channel] (in|of) [the] [team] {{team}} {SAY} {{text:rest}}",
        f"(post|send|write) {AN} message (to|in) [the] [channel] {{channel:name}} [channel] {SAY} {{text:rest}}",
        f"{WRITE} {{text:message}} (to|in) the {{channel:name}} channel (in|of) [the] [team] {{team}}",
        f"{WRITE} {{text:message}} (to|in) the {{channel:name}} channel",
    ),
    "google_chat.post_message": (
        f"(post|send|write) {AN} message (to|in) [the] [space] {{channel:name}} [space] {SAY} {{text:rest}}",
        f"{WRITE} {{text:message}} (to|in) the {{channel:name}} space",
        f"{WRITE} {{text:message}} (to|in) the space {{channel:name}}",
    ),
    **{
        f"{service}.post_message": (
            f"{WRITE} {{text:message}} (to|in|into) [the] [channel] {{channel:channel}} [channel]",
            "(message|tell|ping|notify) {channel:channel} (saying|that|:) {text:rest}",
            "{channel:channel} (saying|that|:) {text:rest}",
        )
        for service in ("slack", "discord")
    },
    "chat.post_message": ("~(post|write|say) {text:message} (to|in|into) [the] [channel] {channel:channel} [channel]",),
    "teams.reply_to_message": (
        "~(reply|answer|respond) {text:said} to [the] [message] {message:link}",
        f"~(reply|answer|respond) to [the] [message] {{message:link}} [with] [{SAY}] {{text:rest}}",
    ),
    "teams.create_meeting": (
        f"{MEET} {AN} meeting {CALLED} {{title}} (with|and invite) {{attendees:people}} [on|at] {{start:when}} for {{duration:long}}",
        f"{MEET} {AN} meeting {CALLED} {{title}} [on|at] {{start:when}} for {{duration:long}} (with|and invite) {{attendees:people}}",
        f"{MEET} {AN} meeting {CALLED} {{title}} [on|at] {{start:when}} for {{duration:long}}",
        f"{MEET} {AN} meeting {CALLED} {{title}} [on|at] {{start:when}} (with|and invite) {{attendees:people}}",
        f"{MEET} {AN} meeting {CALLED} {{title}} [on|at] {{start:when}}",
        "(schedule|plan|set up|book) {title} [for|on|at] {start:when} for {duration:long}",
        "(schedule|plan|set up|book) {title} [for|on|at] {start:when}",
    ),
    "google_chat.create_space": (f"{NEW} {AN} (space|room) {CALLED} {{name}}",),
    "email.send_email": (
        "~(email|mail) {to:email} [with] [the] subject {subject:name} : {text:rest}",
        f"~(email|mail) {{to:email}} with [the] subject {{subject}} {SAY} {{text:rest}}",
        f"~(send|write) {{to:email}} {AN} (email|mail) {SAY} {{text:said}} with [the] subject {{subject:rest}}",
        f"~(send|write) {AN} (email|mail) to {{to:email}} {SAY} {{text:said}} with [the] subject {{subject:rest}}",
        f"~(email|mail) {{to:email}} {SAY} {{text:said}} with [the] subject {{subject:rest}}",
        f"~(send|write) {{to:email}} {AN} (email|mail) with [the] subject {{subject}} [and] {SAY} {{text:rest}}",
        f"~(send|write) {AN} (email|mail) to {{to:email}} with [the] subject {{subject}} [and] {SAY} {{text:rest}}",
    ),
}
