"""Words for channels, directions and survey metrics, and the usual scales of surveys."""

CHANNELS = (
    "email",
    "phone",
    "sms",
    "chat",
    "line",
    "web",
    "in_person",
    "meeting",
    "postal",
    "social",
    "store",
    "survey",
    "other",
)
DIRECTIONS = ("inbound", "outbound", "internal")
SCALES: dict[object, tuple[float, float]] = {"csat": (1.0, 5.0), "nps": (0.0, 10.0), "ces": (1.0, 7.0)}
TYPE_BY_CHANNEL = {"phone": "call", "meeting": "meeting", "survey": "survey_response", "in_person": "visit"}

STAGES = ("awareness", "consideration", "purchase", "onboarding", "use", "support", "renewal")

DIRECTION_WORDS = (
    dict.fromkeys(
        ("in", "incoming", "received", "受信", "着信", "受電", "入電", "受付", "インバウンド", "お客様から"), "inbound"
    )
    | dict.fromkeys(("out", "outgoing", "sent", "発信", "架電", "送信", "アウトバウンド", "お客様へ"), "outbound")
    | dict.fromkeys(("社内", "内線"), "internal")
)

STAGE_WORDS = {
    "認知": "awareness",
    "検討": "consideration",
    "比較検討": "consideration",
    "購入": "purchase",
    "購買": "purchase",
    "導入": "onboarding",
    "利用": "use",
    "利用中": "use",
    "サポート": "support",
    "更新": "renewal",
    "契約更新": "renewal",
}

CURRENCY_WORDS = {
    "円": "JPY",
    "日本円": "JPY",
    "yen": "JPY",
    "米ドル": "USD",
    "ユーロ": "EUR",
    "euro": "EUR",
    "€": "EUR",
}

METRICS = {
    "customer satisfaction": "csat",
    "customer_satisfaction": "csat",
    "満足度": "csat",
    "顧客満足度": "csat",
    "net promoter score": "nps",
    "net_promoter_score": "nps",
    "推奨度": "nps",
    "customer effort score": "ces",
    "customer_effort_score": "ces",
    "努力度": "ces",
}

CHANNEL_WORDS = {
    "mail": "email",
    "e-mail": "email",
    "メール": "email",
    "eメール": "email",
    "e-メール": "email",
    "電子メール": "email",
    "voice": "phone",
    "call": "phone",
    "tel": "phone",
    "telephone": "phone",
    "mobile": "phone",
    "電話": "phone",
    "架電": "phone",
    "受電": "phone",
    "入電": "phone",
    "着信": "phone",
    "通話": "phone",
    "text": "sms",
    "text message": "sms",
    "ショートメール": "sms",
    "ショートメッセージ": "sms",
    "messaging": "chat",
    "native_messaging": "chat",
    "live_chat": "chat",
    "live chat": "chat",
    "チャット": "chat",
    "ライン": "line",
    "web_form": "web",
    "web form": "web",
    "form": "web",
    "website": "web",
    "help_center": "web",
    "api": "web",
    "ウェブ": "web",
    "フォーム": "web",
    "問い合わせフォーム": "web",
    "face_to_face": "in_person",
    "visit": "in_person",
    "訪問": "in_person",
    "対面": "in_person",
    "面談": "meeting",
    "商談": "meeting",
    "会議": "meeting",
    "打ち合わせ": "meeting",
    "打合せ": "meeting",
    "web会議": "meeting",
    "オンライン会議": "meeting",
    "オンライン商談": "meeting",
    "letter": "postal",
    "mailing": "postal",
    "郵送": "postal",
    "dm": "postal",
    "手紙": "postal",
    "facebook": "social",
    "twitter": "social",
    "x": "social",
    "instagram": "social",
    "linkedin_message": "social",
    "whats_app": "chat",
    "whatsapp": "chat",
    "来店": "store",
    "店舗": "store",
    "shop": "store",
    "アンケート": "survey",
    "feedback": "survey",
}
