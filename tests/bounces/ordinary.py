"""
Three hundred ordinary mails of the kind that arrive at a bounce address and are no bounces, in ten languages.

Replies of persons, who quote what they got and write of mails that did not arrive; notices of absence, with and without the fields
that mark them; newsletters and shops, which write of deliveries. All sentences are invented.
"""

from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from typing import NamedTuple


class Words(NamedTuple):
    """Sentences of one language."""

    language: str
    thanks: str
    undelivered: str  #: a person says that a mail did not arrive
    away: str
    away_subject: str
    colleague: str
    news: str
    parcel_subject: str
    parcel: str
    leave: str


ALL = [
    Words(
        "en",
        "Thank you for this morning's paper, the piece on the harbour was a pleasure.",
        "My neighbour says the mail could not be delivered to her. Her address is ann.miller@example.org, is the user unknown to you?",
        "I am out of the office until 12 May and will read your message when I return.",
        "Out of office: The daily",
        "In urgent cases my colleague helps:",
        "The council has voted for the new bridge. The mailbox of the mayor is full of letters.",
        "Delivery status of your order 550 7781",
        "Your parcel could not be delivered. The address is unknown to our driver.",
        "Please take me off the list.",
    ),
    Words(
        "de",
        "Danke für die Zeitung von heute, der Text über den Hafen war eine Freude.",
        "Meine Nachbarin sagt, die Mail war unzustellbar. Ihre Adresse ist anna.maier@example.org, ist die Adresse unbekannt?",
        "Ich bin bis 12. Mai nicht im Büro und lese Ihre Nachricht danach.",
        "Abwesenheitsnotiz: Der Tag",
        "In dringenden Fällen hilft:",
        "Der Rat hat für die neue Brücke gestimmt. Das Postfach der Bürgermeisterin ist voll.",
        "Zustellung fehlgeschlagen: Ihre Bestellung 550",
        "Ihr Paket konnte nicht zugestellt werden. Der Empfänger ist unbekannt.",
        "Bitte nehmen Sie mich von der Liste.",
    ),
    Words(
        "fr",
        "Merci pour le journal de ce matin, l'article sur le port était un plaisir.",
        "Ma voisine dit que le message est revenu non remis. Son adresse est anne.dupont@example.org, destinataire inconnu ?",
        "Je suis absent jusqu'au 12 mai et lirai votre message à mon retour.",
        "Réponse automatique : Le quotidien",
        "En cas d'urgence, écrivez à :",
        "Le conseil a voté pour le nouveau pont. La boîte du maire est pleine.",
        "Échec de la livraison de votre commande 550",
        "Votre colis n'a pas pu être livré. L'adresse est inconnue.",
        "Merci de me retirer de la liste.",
    ),
    Words(
        "es",
        "Gracias por el diario de hoy, el texto sobre el puerto fue un placer.",
        "Mi vecina dice que no se pudo entregar el correo. Su dirección es ana.gomez@example.org, ¿no existe ese usuario?",
        "Estoy fuera de la oficina hasta el 12 de mayo y leeré su mensaje a mi regreso.",
        "Respuesta automática: El diario",
        "En casos urgentes ayuda:",
        "El consejo votó por el nuevo puente. El buzón de la alcaldesa está lleno.",
        "No se pudo entregar su pedido 550",
        "Su paquete no se pudo entregar. La dirección es desconocida.",
        "Por favor, bórrenme de la lista.",
    ),
    Words(
        "it",
        "Grazie per il giornale di stamattina, il pezzo sul porto è stato un piacere.",
        "La mia vicina dice: mancata consegna. Il suo indirizzo è anna.rossi@example.org, utente sconosciuto?",
        "Sono fuori ufficio fino al 12 maggio e leggerò il messaggio al ritorno.",
        "Risposta automatica: Il quotidiano",
        "Per urgenze scrivere a:",
        "Il consiglio ha votato per il nuovo ponte. La casella della sindaca è piena.",
        "Mancata consegna del pacco 550",
        "Il pacco non è stato consegnato. L'indirizzo è sconosciuto.",
        "Per favore toglietemi dalla lista.",
    ),
    Words(
        "vi",
        "Cảm ơn tờ báo sáng nay, bài về bến cảng đọc rất thích.",
        "Hàng xóm của tôi nói thư không gửi được. Địa chỉ của chị ấy là an.nguyen@example.org.",
        "Tôi vắng mặt đến ngày 12 tháng 5 và sẽ đọc thư khi trở lại.",
        "Trả lời tự động: Báo ngày",
        "Việc gấp xin viết cho:",
        "Hội đồng đã bỏ phiếu cho cây cầu mới. Hộp thư của thị trưởng đã đầy.",
        "Không giao được đơn hàng 550",
        "Bưu kiện của bạn không giao được. Không rõ địa chỉ.",
        "Xin bỏ tôi ra khỏi danh sách.",
    ),
    Words(
        "ja",
        "今朝の新聞をありがとうございます。港の記事が楽しかったです。",
        "隣の人がメールが届かないと言っています。配信エラーでしょうか。アドレスは ann@example.org です。",
        "5月12日まで不在です。戻りましたらメールを拝見します。",
        "自動返信：日刊",
        "お急ぎの方はこちらへ：",
        "議会は新しい橋に賛成しました。市長の郵便箱はいっぱいです。",
        "配達状況のお知らせ 550",
        "お荷物を配達できませんでした。宛先が不明です。",
        "リストから外してください。",
    ),
    Words(
        "ko",
        "오늘 아침 신문 고맙습니다. 항구 기사가 좋았습니다.",
        "이웃이 메일이 반송되었다고 합니다. 주소는 ann@example.org 입니다.",
        "5월 12일까지 자리를 비웁니다. 돌아와서 읽겠습니다.",
        "자동 회신: 일간",
        "급한 일은 동료에게:",
        "의회가 새 다리에 찬성했습니다. 시장의 우편함이 가득 찼습니다.",
        "배송 실패 안내 550",
        "소포를 배달하지 못했습니다. 주소를 알 수 없습니다.",
        "명단에서 빼 주세요.",
    ),
    Words(
        "ar",
        "شكرا على جريدة هذا الصباح، كانت مقالة الميناء ممتعة.",
        "تقول جارتي إن الرسالة لم تصل إليها. عنوانها ann@example.org فهل هو غير معروف؟",
        "أنا خارج المكتب حتى 12 مايو وسأقرأ رسالتكم عند عودتي.",
        "رد تلقائي: اليومية",
        "للأمور العاجلة يساعدكم زميلي:",
        "صوت المجلس لصالح الجسر الجديد. صندوق بريد العمدة ممتلئ.",
        "تعذر تسليم طلبكم 550",
        "تعذر تسليم الطرد. العنوان غير معروف.",
        "أرجو حذفي من القائمة.",
    ),
    Words(
        "ru",
        "Спасибо за утреннюю газету, статья о порте порадовала.",
        "Соседка говорит, что письмо не доставлено. Её адрес anna.ivanova@example.org, пользователь не найден?",
        "Меня нет в офисе до 12 мая, прочту письмо после возвращения.",
        "Автоответ: Ежедневник",
        "Срочные вопросы решает:",
        "Совет проголосовал за новый мост. Почтовый ящик мэра переполнен.",
        "Заказ 550 не доставлен",
        "Посылку не удалось доставить. Адрес неизвестен.",
        "Прошу удалить меня из списка.",
    ),
]
OURS = "bounces@paper.example"
QUOTED = "\n".join(
    f"> {line}" for line in ["The daily, 3 March", "", "1. A harbour opens again", "Unsubscribe: https://paper.example/u/abc"]
)
#: Fields of notices of absence, as mail programs and servers write them or forget them.
ABSENCES: Sequence[dict[str, str]] = [
    {"Auto-Submitted": "auto-replied"},
    {"Auto-Submitted": "auto-replied (vacation)", "Return-Path": "<>"},
    {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
    {"X-Autoreply": "yes", "Precedence": "auto_reply"},
    {"X-Autorespond": "The daily"},
    {"Precedence": "bulk", "Return-Path": "<>"},
    {"Precedence": "junk"},
    {"Return-Path": "<>"},
    {"X-Vacation": "on", "X-Loop": "ann@example.net"},
    {},
]


def mails() -> Iterator[tuple[str, bytes]]:
    """Yield the mails, each with a name."""
    for words in ALL:
        for number, (kind, mail) in enumerate([*_replies(words), *_absences(words), *_senders(words)]):
            yield f"{words.language}-{kind}-{number}", bytes(mail)


def _mail(sender: str, subject: str, text: str, **fields: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = sender, OURS, subject, "<1.2@example.net>"
    for name, value in fields.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def _replies(words: Words) -> Iterator[tuple[str, EmailMessage]]:
    ann = "Ann Example <ann@example.net>"
    report = "> Final-Recipient: rfc822; bob@example.org\n> Action: failed\n> Status: 5.1.1\n> 550 5.1.1 <bob@example.org>: User unknown"
    for number, text in enumerate((words.thanks, words.undelivered, words.leave)):
        yield "reply", _mail(ann, f"Re: The daily {number}", f"{text}\n\n{QUOTED}", In_Reply_To="<7.daily@paper.example>")
        yield "letter", _mail(ann, words.thanks[:40], f"{text}\n\nAnn\nann@example.net\n")
    yield "undelivered", _mail(ann, words.undelivered[:30], f"{words.undelivered}\n\nann.miller@example.org\n")
    yield "quoting", _mail(ann, "Re: Undelivered Mail Returned to Sender", f"{words.undelivered}\n\n{report}\n")
    yield (
        "postmaster",
        _mail("Postmaster <postmaster@example.net>", "Re: The daily", f"{words.thanks}\n\npostmaster@example.net\n"),
    )
    html = _mail(ann, "Re: The daily", words.thanks)
    html.add_alternative(f"<p>{words.undelivered}</p><blockquote>{words.news}</blockquote>", subtype="html")
    yield "html", html


def _absences(words: Words) -> Iterator[tuple[str, EmailMessage]]:
    for number, fields in enumerate(ABSENCES):
        text = f"{words.away}\n\n{words.colleague}\nben@example.net\n" if number % 2 else f"{words.away}\n"
        subject = words.away_subject if number % 3 else f"Re: {words.thanks[:20]}"
        yield (
            "absence",
            _mail("ann@example.net", subject, text, **{name.replace("-", "_"): value for name, value in fields.items()}),
        )


def _senders(words: Words) -> Iterator[tuple[str, EmailMessage]]:
    bulk = {"List_Unsubscribe": "<https://news.example/u/1>", "Precedence": "bulk", "Return_Path": "<b+1@news.example>"}
    contact = "Contact: help@shop.example\n"
    for number in range(3):
        yield (
            "newsletter",
            _mail("News <no-reply@news.example>", f"{words.news[:30]} {number}", f"{words.news}\n\n{words.thanks}\n", **bulk),
        )
    yield "parcel", _mail("Shop <no-reply@shop.example>", words.parcel_subject, f"{words.parcel}\n\n{contact}", **bulk)
    yield "parcel", _mail("Shop <parcels@shop.example>", words.parcel_subject, f"{words.parcel}\n\nhelp@shop.example\n")
    yield (
        "parcel",
        _mail("no-reply@shop.example", words.parcel_subject, f"{words.parcel}\n{words.undelivered}\n", Return_Path="<>"),
    )
    yield (
        "system",
        _mail(
            "System <system@shop.example>",
            words.news[:30],
            f"{words.parcel}\nhelp@shop.example\n",
            Auto_Submitted="auto-generated",
        ),
    )
    forwarded = _mail("Ann <ann@example.net>", "Fwd: The daily", words.thanks)
    forwarded.add_attachment(_mail("daily@paper.example", "The daily", words.news), filename="daily.eml")
    yield "forward", forwarded
    yield (
        "list",
        _mail("List <friends-request@lists.example>", "Your message to friends", f"{words.thanks}\n{words.leave}\n", **bulk),
    )
    yield "receipt", _mail("ann@example.net", f"Read: {words.thanks[:20]}", words.thanks, Auto_Submitted="auto-replied")
