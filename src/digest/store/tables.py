"""Every table, imported once, so that SQLModel's metadata is whole."""

from digest.model.account import Account, Login, Passkey, RecoveryCode, WelcomeLink
from digest.model.api import Answered, ApiToken
from digest.model.approval import ApprovalRequest
from digest.model.article import Article, Story
from digest.model.bounce import Bounce, ReturnedMail
from digest.model.delivery import Attempt, Delivery, Owner
from digest.model.draft import StoryEdit
from digest.model.event import Event
from digest.model.issue import CandidateRow, Issue
from digest.model.job import Lease
from digest.model.leaving import LeaveReason
from digest.model.metric import MetricCount
from digest.model.moving import Move
from digest.model.newsletter import EditorialRule, Newsletter, Section
from digest.model.notice import Notice
from digest.model.pause import SendingPause
from digest.model.personal import DataRequest
from digest.model.relay import RelayLimits
from digest.model.rendition import RenditionRow
from digest.model.signup import Consent, RateCount, SignUp
from digest.model.source import NewsletterSource, Source
from digest.model.subscriber import Import, ImportChange, MailingList, Subscriber, Subscription, Suppression
from digest.model.webhook import Webhook, WebhookMessage

ALL = (
    Account,
    ApprovalRequest,
    Answered,
    ApiToken,
    Article,
    Attempt,
    Bounce,
    CandidateRow,
    Consent,
    DataRequest,
    Delivery,
    EditorialRule,
    Event,
    Import,
    ImportChange,
    Issue,
    Lease,
    LeaveReason,
    Login,
    MailingList,
    MetricCount,
    Move,
    Newsletter,
    NewsletterSource,
    Notice,
    Owner,
    Passkey,
    RateCount,
    RecoveryCode,
    RelayLimits,
    RenditionRow,
    ReturnedMail,
    Section,
    SendingPause,
    SignUp,
    Source,
    Story,
    StoryEdit,
    Subscriber,
    Subscription,
    Suppression,
    Webhook,
    WebhookMessage,
    WelcomeLink,
)
