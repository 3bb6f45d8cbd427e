import pytest

from n11bridge.addresses import AddressBook, AddressError, Recipient

CONTACTS = {"alice": "+49 170-1234567", "bob": "01707654321", "bank": "72000"}


def book(**rules: list[str]) -> AddressBook:
    return AddressBook(CONTACTS, {"family": ["alice", "bob"]}, **rules)


@pytest.mark.parametrize(
    ("to", "recipients"),
    [
        ("alice", [Recipient("+491701234567", "alice")]),
        ("family", [Recipient("+491701234567", "alice"), Recipient("01707654321", "bob")]),
        ("+44 20 7946-0000", [Recipient("+442079460000", None)]),
        ("+491701234567", [Recipient("+491701234567", "alice")]),
        ("72000", [Recipient("72000", "bank")]),
    ],
)
def test_resolve(to: str, recipients: list[Recipient]) -> None:
    assert book().resolve(to) == recipients


@pytest.mark.parametrize("to", ["", "carol", "+", "12", "+49*", "1" * 21, "+49170x", "٤٤٤٤"])
def test_resolve_refuses(to: str) -> None:
    with pytest.raises(AddressError):
        book().resolve(to)


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("+491701234567", "alice"),
        ("01701234567", "alice"),
        ("00491701234567", "alice"),
        ("491701234567", "alice"),
        ("+491707654321", "bob"),
        ("1234567", None),  # too few digits to tell
        ("+441701234567", None),  # the same last digits in another country
        ("MyBank", None),
    ],
)
def test_name_of(number: str, name: str | None) -> None:
    assert book().name_of(number) == name


def test_a_number_that_fits_two_contacts_has_no_name() -> None:
    twins = AddressBook({"here": "+491701234567", "there": "+441701234567"}, {})
    assert twins.name_of("01701234567") is None
    assert twins.name_of("+441701234567") == "there"


@pytest.mark.parametrize(
    ("allow_to", "number", "allowed"),
    [
        (["+*"], "+442079460000", True),
        (["+*"], "0301234567", False),
        (["+49*"], "+442079460000", False),
        (["+4930???"], "+4930123", True),
        (["+4930???"], "+49301234", False),
        ([], "+491701234567", True),  # a contact
        ([], "01701234567", True),  # the same, said at home
        ([], "72000", True),  # a contact
        ([], "+442079460000", False),
        (["*"], "80888", False),
        (["80?88"], "80888", False),
        (["80888"], "80888", True),
        (["+44 20-7946 0000"], "+442079460000", True),
        (["*"], "MyBank", False),
    ],
)
def test_allowed(allow_to: list[str], number: str, *, allowed: bool) -> None:
    assert book(allow_to=allow_to).allowed(number) is allowed


@pytest.mark.parametrize(
    ("trusted", "sender", "is_trusted"),
    [
        ([], "+491701234567", False),
        (["alice"], "+491701234567", True),
        (["alice"], "+441701234567", False),
        (["alice"], "01701234567", False),
        (["family"], "01707654321", True),
        (["+4930*"], "+4930123456", True),
        (["+4930*"], "+4931123456", False),
        (["*"], "MyBank", False),
        (["MyBank"], "MyBank", True),
        (["MyBank"], "mybank", False),
        (["alice"], "alice", False),  # a sender may call itself what it likes
        (["family"], "family", False),
        (["+4930*"], "+4930*", False),
    ],
)
def test_trusted(trusted: list[str], sender: str, *, is_trusted: bool) -> None:
    assert book(trusted=trusted).trusted(sender) is is_trusted


def test_an_alphanumeric_sender_made_of_digits_is_no_number() -> None:
    rules = book(trusted=["+4930*", "+4930123456", "bank"])
    assert rules.trusted("+4930123456")
    assert not rules.trusted("+4930123456", alphanumeric=True)
    assert not rules.trusted("72000", alphanumeric=True)
