// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/author.hpp"

#include "tests/unit/catch.hpp"

#include <vector>

using namespace sendconnector::filter;

namespace {

Author author(const std::string& from) {
    const std::vector<std::string> fields{from};
    return author_of(fields);
}

std::string comments(int deep) {
    return std::string(static_cast<std::size_t>(deep), '(') +
           std::string(static_cast<std::size_t>(deep), ')');
}

} // namespace

TEST_CASE("From fields with one author") {
    struct Case {
        const char* from;
        const char* want;
    };
    const Case cases[] = {
        // As they come.
        {"alice@contoso.example", "alice@contoso.example"},
        {" alice@contoso.example", "alice@contoso.example"},
        {"\talice@contoso.example \t", "alice@contoso.example"},
        {"<alice@contoso.example>", "alice@contoso.example"},
        {"Alice <alice@contoso.example>", "alice@contoso.example"},
        {"Alice Liddell <alice@contoso.example>", "alice@contoso.example"},
        {"Alice<alice@contoso.example>", "alice@contoso.example"},
        {"\"Liddell, Alice\" <alice@contoso.example>", "alice@contoso.example"},
        {"\"Alice\"<alice@contoso.example>", "alice@contoso.example"},
        {"\"Alice\" Liddell <alice@contoso.example>", "alice@contoso.example"},
        {"John Q. Public <john@contoso.example>", "john@contoso.example"},
        {"'Alice' <alice@contoso.example>", "alice@contoso.example"},
        {"alice@contoso.example (Alice)", "alice@contoso.example"},
        {"Sales/EMEA + Co. #1 <sales@contoso.example>", "sales@contoso.example"},
        {"\"\" <alice@contoso.example>", "alice@contoso.example"},
        {"Alice@Contoso.Example", "Alice@Contoso.Example"},
        {"a@b", "a@b"},
        // Local parts.
        {"alice+news@contoso.example", "alice+news@contoso.example"},
        {"alice.liddell@contoso.example", "alice.liddell@contoso.example"},
        {"o'hara!#$%&*+-/=?^_`{|}~@contoso.example", "o'hara!#$%&*+-/=?^_`{|}~@contoso.example"},
        {"\"alice\"@contoso.example", "alice@contoso.example"},
        {"\"alice.liddell\"@contoso.example", "alice.liddell@contoso.example"},
        {"\"alice\".liddell@contoso.example", "alice.liddell@contoso.example"},
        {"\"alice liddell\"@contoso.example", "\"alice liddell\"@contoso.example"},
        {"Alice <\"alice liddell\"@contoso.example>", "\"alice liddell\"@contoso.example"},
        {"\"a,b\"@contoso.example", "\"a,b\"@contoso.example"},
        {"\".alice\"@contoso.example", "\".alice\"@contoso.example"},
        {"\"alice..liddell\"@contoso.example", "\"alice..liddell\"@contoso.example"},
        {"\" alice\"@contoso.example", "\" alice\"@contoso.example"},
        {"\"alice(x)\"@contoso.example", "\"alice(x)\"@contoso.example"},
        // Domains.
        {"alice@[192.0.2.1]", "alice@[192.0.2.1]"},
        {"Alice <alice@[IPv6:2001:db8::1]>", "alice@[IPv6:2001:db8::1]"},
        {"alice@xn--bcher-kva.example", "alice@xn--bcher-kva.example"},
        // RFC 6532: UTF-8 in names and addresses.
        {"J\xc3\xb6rg <joerg@contoso.example>", "joerg@contoso.example"},
        {"j\xc3\xb6rg@b\xc3\xbc"
         "cher.example",
         "j\xc3\xb6rg@b\xc3\xbc"
         "cher.example"},
        {"\"\xe6\x84\x9b\" <ai@contoso.example>", "ai@contoso.example"},
        {"alice@contoso.example (\xf0\x9f\x90\x87)", "alice@contoso.example"},
        // RFC 2047: an encoded word is a name, whatever it decodes to.
        {"=?utf-8?Q?J=C3=B6rg?= <joerg@contoso.example>", "joerg@contoso.example"},
        {"=?utf-8?B?SsO2cmc=?= =?utf-8?B?ISE=?= <joerg@contoso.example>", "joerg@contoso.example"},
        {"=?utf-8?Q?ceo=40fabrikam.example?= <joerg@contoso.example>", "joerg@contoso.example"},
        {"=?utf-8?B?PGNlb0BmYWJyaWthbS5leGFtcGxlPg==?= <joerg@contoso.example>", "joerg@contoso.example"},
        {"\"=?utf-8?Q?J=C3=B6rg?=\" <joerg@contoso.example>", "joerg@contoso.example"},
        {"=?utf-8?Q?Alice_(Sales)?= <alice@contoso.example>", "alice@contoso.example"},
        {"alice@contoso.example (=?utf-8?Q?=40?=)", "alice@contoso.example"},
        // Somebody else's address in quotes is a name.
        {"\"ceo@fabrikam.example\" <alice@contoso.example>", "alice@contoso.example"},
        {"\"CEO <ceo@fabrikam.example>\" <alice@contoso.example>", "alice@contoso.example"},
        {"\"ceo@fabrikam.example via List\" <list@contoso.example>", "list@contoso.example"},
        {"\"a\\\" <ceo@fabrikam.example>, \\\"b\" <alice@contoso.example>", "alice@contoso.example"},
        {"\"\\\\\" <alice@contoso.example>", "alice@contoso.example"},
        {"\"(\" <alice@contoso.example>", "alice@contoso.example"},
        // Comments and white space.
        {"(Alice) alice@contoso.example", "alice@contoso.example"},
        {"(a (b (c) d)) Alice (e) < (f) alice (g) @ (h) contoso.example (i) > (j)", "alice@contoso.example"},
        {"alice @ contoso.example", "alice@contoso.example"},
        {"Alice < alice@contoso.example >", "alice@contoso.example"},
        {"alice@contoso.example (1, 2; 3: \"4 [5 \\) \\( \\\\)", "alice@contoso.example"},
        {"alice@contoso.example ()", "alice@contoso.example"},
        {"alice(x)@contoso.example", "alice@contoso.example"},
        // Folded.
        {"\n alice@contoso.example", "alice@contoso.example"},
        {" \r\n\talice@contoso.example", "alice@contoso.example"},
        {"Alice\n <alice@contoso.example>", "alice@contoso.example"},
        {"Alice\r\n\t Liddell\r\n <alice@contoso.example>", "alice@contoso.example"},
        {"\"Alice\n Liddell\" <alice@contoso.example>", "alice@contoso.example"},
        {"alice@contoso.example (Alice\r\n Liddell)", "alice@contoso.example"},
        {"\"alice\n liddell\"@contoso.example", "\"alice liddell\"@contoso.example"},
        // RFC 5322 4.4: a source route is not looked at.
        {"<@relay.example:alice@contoso.example>", "alice@contoso.example"},
        {"Alice <@a.example,@b.example:alice@contoso.example>", "alice@contoso.example"},
        {"<@[192.0.2.1] , @b.example : alice@contoso.example>", "alice@contoso.example"},
    };
    for (const auto& c : cases) {
        CAPTURE(c.from);
        const auto found = author(c.from);
        CHECK(found.kind == Author::Kind::one);
        CHECK(found.address == c.want);
    }
}

TEST_CASE("From fields without a single author") {
    const std::string cases[] = {
        // Nobody.
        "",
        " ",
        "\t",
        "Alice",
        "alice",
        "<>",
        "Alice <>",
        "\"Alice\"",
        "(alice)",
        "<alice>",
        "alice@",
        "<alice@>",
        "@contoso.example",
        "<@contoso.example>",
        "@",
        "\"\"@contoso.example",
        "alice@[]",
        "undisclosed-recipients:;",
        // Several, in lists and groups.
        "alice@contoso.example, bob@contoso.example",
        "Alice <alice@contoso.example>, Bob <bob@contoso.example>",
        "alice@contoso.example,",
        ",alice@contoso.example",
        "Liddell, Alice <alice@contoso.example>",
        "alice@contoso.example; bob@contoso.example",
        "alice@contoso.example;",
        "alice@contoso.example bob@contoso.example",
        "alice@contoso.example <bob@contoso.example>",
        "<alice@contoso.example> <bob@contoso.example>",
        "<alice@contoso.example>bob@contoso.example",
        "<alice@contoso.example> bob",
        "<alice@contoso.example,bob@contoso.example>",
        "<<alice@contoso.example>>",
        "<alice@contoso.example<bob@contoso.example>>",
        "<alice@contoso.example>>",
        "Sales: alice@contoso.example;",
        "Sales: alice@contoso.example, bob@contoso.example;",
        "Sales: <alice@contoso.example>",
        "alice@contoso.example\n bob@contoso.example",
        // An address in the name, without quotes.
        "ceo@fabrikam.example <alice@contoso.example>",
        "CEO ceo@fabrikam.example <alice@contoso.example>",
        "@fabrikam <alice@contoso.example>",
        "=?utf-8?Q?ceo@fabrikam.example?= <alice@contoso.example>",
        "\"ceo\"@fabrikam.example <alice@contoso.example>",
        "\"CEO\" <ceo@fabrikam.example>\" <alice@contoso.example>",
        // An address in a comment, for programs that do not know comments.
        "(<ceo@fabrikam.example>) alice@contoso.example",
        "alice@contoso.example (ceo@fabrikam.example)",
        "alice@contoso.example (\\<x)",
        "alice@contoso.example (a > b)",
        "alice (@fabrikam.example) @contoso.example",
        // What a person would read as another address.
        "Dr. alice@contoso.example",
        "alice@contoso. example",
        "alice@contoso.(x)example",
        "alice@contoso .example",
        "alice .liddell@contoso.example",
        "alice liddell@contoso.example",
        "alice@contoso.example Alice",
        "Alice alice@contoso.example",
        "alice(x)liddell@contoso.example",
        "alice@contoso example",
        "alice@contoso.example fabrikam.example",
        // Addresses that programs are known to take apart in different ways.
        "alice@contoso.example@fabrikam.example",
        "\"ceo@fabrikam.example\"@contoso.example",
        "\"ceo@fabrikam.example>\"@contoso.example",
        "\"<ceo\"@contoso.example",
        "\"a\\\"b\"@contoso.example",
        "\"alice\\ \"@contoso.example",
        "\\alice@contoso.example",
        "alice\\@fabrikam.example@contoso.example",
        "\"alice\"\"bob\"@contoso.example",
        "\"alice\"bob@contoso.example",
        "alice\"bob\"@contoso.example",
        "=?utf-8?Q?ceo?=@contoso.example",
        "\"=?utf-8?Q?ceo=40fabrikam.example=3E?=\"@contoso.example",
        "<=?utf-8?Q?ceo=40fabrikam.example=00?=@contoso.example>",
        "alice@=?utf-8?Q?contoso.example?=",
        ".alice@contoso.example",
        "alice.@contoso.example",
        "alice..liddell@contoso.example",
        "alice@.contoso.example",
        "alice@contoso.example.",
        "alice@contoso..example",
        "alice@\"contoso.example\"",
        "alice@[192.0.2.1",
        "alice@192.0.2.1]",
        "alice@[192.0.2.1]x",
        "alice@[192.0.2.1].example",
        "alice@[192.0.2. 1]",
        "alice@[[192.0.2.1]]",
        "alice@[\\]]",
        "alice@[192.0.2.1\n ]",
        "alice@(contoso.example)",
        // Routes that are none.
        "<@a.example alice@contoso.example>",
        "<a.example:alice@contoso.example>",
        "<@a.example,b.example:alice@contoso.example>",
        "<@a.example,:alice@contoso.example>",
        "<@a.example:>",
        "<@:alice@contoso.example>",
        "@a.example:alice@contoso.example",
        // What does not close.
        "<alice@contoso.example",
        "alice@contoso.example>",
        "Alice <alice@contoso.example",
        "\"Alice <alice@contoso.example>",
        "Alice\" <alice@contoso.example>",
        "\"Alice\\\" <alice@contoso.example>",
        "\"Alice\" <alice@contoso.example> \"",
        "(Alice <alice@contoso.example>",
        "alice@contoso.example (Alice",
        "alice@contoso.example (Alice\\)",
        "alice@contoso.example Alice)",
        "alice@contoso.example (Alice))",
        "alice@contoso.example \\",
        "alice@contoso.example (\\",
        "\"\\",
        // Specials by themselves.
        "Alice: <alice@contoso.example>",
        "Alice; <alice@contoso.example>",
        "Alice [x] <alice@contoso.example>",
        "Alice \\\"A <alice@contoso.example>",
        ". Alice <alice@contoso.example>",
        "Alice > <alice@contoso.example>",
        // Controls, line ends, what is no UTF-8.
        std::string("ceo@fabrikam.example\0alice@contoso.example", 42),
        std::string("\"\0\" <alice@contoso.example>", 27),
        std::string("alice@contoso.example\0", 22),
        "alice@contoso.example\x01",
        "\"\x1b[2J\" <alice@contoso.example>",
        "alice\x7f@contoso.example",
        "alice\b@contoso.example",
        "(\v) alice@contoso.example",
        "\"A\xc2\x85\" <alice@contoso.example>",
        "A\xe2\x80\xa8 <alice@contoso.example>",
        "J\xf6rg <joerg@contoso.example>",
        "\"\xc0\xa2\" <alice@contoso.example>",
        "A\xed\xa0\x80 <alice@contoso.example>",
        "A\xe6\x84",
        "Alice\r <alice@contoso.example>",
        "Alice\r\r\n <alice@contoso.example>",
        "Alice\n<alice@contoso.example>",
        "alice@contoso.example\nBcc: bob@contoso.example",
        "alice@contoso.example\n",
        "alice@contoso.example\n ",
        "alice@contoso.example\n \n (Alice)",
        "\n \n alice@contoso.example",
        "\"Alice\\\n \" <alice@contoso.example>",
    };
    for (const auto& from : cases) {
        CAPTURE(from);
        const auto found = author(from);
        CHECK(found.kind == Author::Kind::none_or_several);
        CHECK(found.address.empty());
    }
}

TEST_CASE("there is one From field") {
    const std::string alice = "alice@contoso.example";
    struct Case {
        std::vector<std::string> fields;
        Author::Kind want;
    };
    const Case cases[] = {
        {{}, Author::Kind::none_or_several},
        {{alice}, Author::Kind::one},
        {{alice, alice}, Author::Kind::none_or_several},
        {{alice, "bob@contoso.example"}, Author::Kind::none_or_several},
        {{alice, ""}, Author::Kind::none_or_several},
        {{"", alice}, Author::Kind::none_or_several},
    };
    for (const auto& c : cases) {
        CAPTURE(c.fields.size());
        CHECK(author_of(c.fields).kind == c.want);
    }
}

TEST_CASE("long and deep From fields") {
    const std::string alice = " <alice@contoso.example>";
    CHECK(author(comments(50) + alice).kind == Author::Kind::one);
    CHECK(author(comments(51) + alice).kind == Author::Kind::none_or_several);
    std::string many;
    while (many.size() < 9000) {
        many += comments(3) + "a. ";
    }
    CHECK(author("A" + many + alice).kind == Author::Kind::one);
    CHECK(author(std::string(10'000 - alice.size(), 'a') + alice).kind == Author::Kind::one);
    CHECK(author(std::string(10'001 - alice.size(), 'a') + alice).kind == Author::Kind::none_or_several);

    // What is quadratic takes hours.
    for (const char* part :
         {"(", "\"", "\\", "<", "<@", "@a,", "a.", "\n ", "[", "()", "\"\"", "a@b ", ":", "=?"}) {
        std::string text;
        while (text.size() < 10'000'000) {
            text += part;
        }
        CHECK(author(text).kind == Author::Kind::none_or_several);
        CHECK(author(text.substr(0, 9990)).kind == Author::Kind::none_or_several);
    }
}
