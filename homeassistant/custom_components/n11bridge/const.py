"""Names that more than one file of this integration knows."""

DOMAIN = "n11bridge"

#: The contract's major number; another one may have renamed topics or keys.
CONTRACT = 1

#: In the entry's data: what stands before `/state/...`, as in ``n11bridge/n11``.
CONF_BASE = "base_topic"

#: In the entry's options.
CONF_REPLAY = "replay"
CONF_LEGACY_EVENT = "legacy_event"
CONF_ASSIST = "assist"
CONF_AGENT = "assist_agent"
CONF_CODE_WORD = "assist_code_word"
CONF_LIMIT = "assist_limit"

#: Home Assistant's own conversation agent.
AGENT = "conversation.home_assistant"

#: Texts that Assist answers within an hour, for each sender.
LIMIT = 10

EVENT_RECEIVED = f"{DOMAIN}_sms_received"
EVENT_STATUS = f"{DOMAIN}_sms_status"
EVENT_LEGACY = "sms.incoming_sms"
