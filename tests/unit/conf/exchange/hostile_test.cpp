// SPDX-License-Identifier: Apache-2.0
// Exports that nobody's Exchange wrote: refused with a place, in bounded time and memory. What is quadratic
// takes hours.
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/exchange/described_import.hpp"
#include "tests/unit/conf/fixtures.hpp"

#include <random>

namespace sendconnector::conf::exchange {

using namespace testing;

namespace {

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    out.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i)
        out += text;
    return out;
}

std::string refusal_of(const std::string& bytes) {
    const auto read = read_export(bytes);
    if (!read)
        CHECK(to_string(read.error()).size() < 1000);
    return read ? "taken" : read.error().text;
}

std::string clixml(std::string_view inside) {
    return "<Objs>\n" + std::string(inside) + "</Objs>\n";
}

} // namespace

TEST_CASE("hostile exports are refused and say where") {
    struct Case {
        const char* what;
        std::string file;
        const char* refusal;
    };
    const Case cases[] = {
        {"entity bomb",
         "<?xml version=\"1.0\"?>\n<!DOCTYPE Objs [<!ENTITY a \"aaaa\"><!ENTITY b "
         "\"&a;&a;&a;\">]>\n<Objs>&b;</Objs>",
         "CLIXML: line 2, column 1: a document type, which may define entities; CLIXML has none"},
        {"external entity", "<!DOCTYPE Objs SYSTEM \"file:///etc/passwd\"><Objs/>",
         "CLIXML: line 1, column 1: a document type, which may define entities; CLIXML has none"},
        {"unknown entity", clixml("<S>&xxe;</S>"),
         "CLIXML: line 2, column 4: an entity that CLIXML does not have"},
        {"endless reference", clixml("<S>&#0000000000000000000000000000000000065;</S>"),
         "CLIXML: line 2, column 4: an entity that CLIXML does not have"},
        {"a reference to no character", clixml("<S>&#65;&#x0;</S>"),
         "CLIXML: line 2, column 9: an entity that CLIXML does not have"},
        {"half a character by reference", clixml("<S>&#xD83D;</S>"),
         "CLIXML: line 2, column 4: an entity that CLIXML does not have"},
        {"deep", repeated("<Obj>", 1'000'000),
         "CLIXML: line 1, column 961: more than 192 elements in each other"},
        {"deep objects",
         clixml(repeated("<Obj><Props><Obj N=\"a\">", 60) + repeated("</Obj></Props></Obj>", 60)),
         "CLIXML: line 2, column 738: more than 64 objects in each other"},
        {"many elements", clixml(repeated("<a/>", 4'100'000)),
         "CLIXML: line 2, column 15999997: more than 4000000 elements"},
        {"many attributes", "<Objs" + repeated(" a=''", 4'100'000) + "/>",
         "CLIXML: line 1, column 20000009: more than 4000000 attributes"},
        {"does not end", "<Objs><Obj", "CLIXML: line 1, column 7: a tag that does not end"},
        {"ends too often", "<Objs></Objs></Objs>",
         "CLIXML: line 1, column 14: an element ends that did not begin"},
        {"not what it says", "<html><body/></html>",
         "CLIXML: line 1, column 2: the document is <html>, and an export is <Objs>"},
        {"a name twice", clixml("<Obj><Props><S N=\"Name\">a</S><S N=\"name\">b</S></Props></Obj>"),
         "CLIXML: line 2, column 31: \"name\" is there twice in one object"},
        {"a reference to nothing", clixml("<Obj><Props><Ref N=\"Name\" RefId=\"7\"/></Props></Obj>"),
         "CLIXML: line 2, column 14: a reference to object \"7\", which is not there before it"},
        {"deep JSON", repeated("[", 1'000'000),
         "JSON: line 1, column 66: more than 64 lists and objects in each other"},
        {"deep JSON objects", repeated("{\"a\":", 1'000'000),
         "JSON: line 1, column 322: more than 64 lists and objects in each other"},
        {"many values", "[{\"a\":[" + repeated("1,", 2'100'000) + "1]}]",
         "JSON: line 1, column 4000004: more than 2000000 values"},
        {"a name twice in JSON", "{\"Name\": \"a\",\n \"Name\": \"b\"}",
         "JSON: line 2, column 8: \"Name\" is there twice in one object"},
        {"a JSON number", "[1, 2", "JSON: line 1, column 6: no JSON"},
        {"cut JSON", "{\"Name\": \"a", "JSON: line 1, column 12: no JSON"},
        {"two documents", "{\"Name\": \"a\"}\n{\"Name\": \"b\"}", "JSON: line 2, column 1: no JSON"},
        {"NUL in JSON", "{\"Name\": \"a\\u0000b\"}", "JSON: line 1, column 20: a NUL character"},
        {"quotation without end", "Name,Enabled\n\"" + std::string(1'000'000, 'x'),
         "CSV: line 2, column 1: a quotation that does not end"},
        {"cells without columns", "Name,Enabled\na,b,c\n", "CSV: line 2, column 1: 3 cells below 2 columns"},
        {"many cells", "Name,Enabled\n" + repeated(",", 5'000'000),
         "CSV: line 2, column 1002: more than 1000 cells"},
        {"a column twice", "Name,name\na,b\n", "CSV: line 1, column 1: the column \"name\" is there twice"},
        {"too large", std::string(largest_export + 1, ' '), "is larger than 67108864 octets"},
        {"half a character", std::string("\xFF\xFE\x41\x00\x42", 5), "ends in half a character of UTF-16"},
        {"half a pair", std::string("\xFF\xFE\x41\x00\x3D\xD8\x41\x00", 8),
         "line 1, column 2: half of a surrogate pair"},
        {"a code page",
         "Name,Enabled\n\xDC"
         "bergang,True\n",
         "line 2, column 1: the octet 0xdc is no UTF-8"},
        {"NUL", std::string("Name\n\0", 6), "line 2, column 1: a NUL character"},
        {"nothing", " \n\n", "holds nothing"},
        {"what people look at", "\nName    : To Internet\nEnabled : True\n",
         "is what PowerShell shows people, with lists cut short"},
        {"a table",
         "Identity    AddressSpaces Enabled\n--------    ------------- -------\nA {smtp:*;1} True\n",
         "is what PowerShell shows people, with lists cut short"},
    };
    for (const Case& each : cases) {
        CAPTURE(each.what);
        CHECK(refusal_of(each.file) == each.refusal);
    }
}

TEST_CASE("references do not multiply what a file holds") {
    // Each list refers ten times to the one before.
    std::string text = "<Objs><Obj RefId=\"0\"><Props><Obj N=\"a0\" RefId=\"1\"><LST><S>" +
                       std::string(100, 'x') + "</S></LST></Obj>";
    for (int i = 1; i < 20; ++i)
        text += fmt::format("<Obj N=\"a{}\" RefId=\"{}\"><LST>{}</LST></Obj>", i, i + 1,
                            repeated(fmt::format("<Ref RefId=\"{}\"/>", i), 10));
    const std::string refusal = refusal_of(text + "</Props></Obj></Objs>");
    CHECK(refusal.find("more than 2000000 values") != std::string::npos);
}

TEST_CASE("objects within themselves end") {
    const auto read =
        read_export("<Objs><Obj RefId=\"1\"><Props><S N=\"Name\">a</S><Obj N=\"L\" RefId=\"2\"><LST><S>x</S>"
                    "<Ref RefId=\"2\"/><Ref RefId=\"3\"/></LST></Obj>"
                    "<Obj N=\"M\" RefId=\"3\"><LST><Ref RefId=\"2\"/></LST></Obj></Props></Obj></Objs>");
    REQUIRE(read);
    const Property* list = read->reading.objects.at(0).find("L");
    REQUIRE(list != nullptr);
    CHECK(list->lost == "the object itself, which is within itself");
}

TEST_CASE("secrets and serialized objects are never read") {
    const std::string text = clixml(
        "<Obj><Props><S N=\"Name\">a</S><SS N=\"Password\">TOPSECRET</SS><Obj N=\"AuthenticationCredential\">"
        "<TN RefId=\"1\"><T>System.Management.Automation.PSCredential</T></TN><Props><S N=\"UserName\">u</S>"
        "<SS N=\"Password\">TOPSECRET</SS></Props></Obj><BA N=\"SerializationData\">TOPSECRET</BA>"
        "<S N=\"AddressSpaces\">*</S></Props></Obj>");
    const std::string found = described_import(text);
    CHECK(found.find("TOPSECRET") == std::string::npos);
    CHECK(found.find("SerializationData") == std::string::npos);
    CHECK(found.find("user \"u\"") != std::string::npos);
}

// Deterministic: the same inputs in every run. A failure shows the input.
TEST_CASE("damaged exports never throw") {
    std::vector<std::string> originals;
    for (const auto& entry : std::filesystem::directory_iterator(
             std::filesystem::path(SENDCONNECTOR_SOURCE_DIR) / "tests/fixtures/exchange"))
        if (entry.path().extension() != ".expected")
            originals.push_back(conf::testing::read_text(entry.path()));
    const std::vector<std::string> fragments = {"<",
                                                ">",
                                                "</",
                                                "/>",
                                                "\"",
                                                "'",
                                                "<Obj>",
                                                "</Obj>",
                                                "<LST>",
                                                "<Ref RefId=\"1\"/>",
                                                "<!--",
                                                "<![CDATA[",
                                                "<?",
                                                "&amp;",
                                                "&#10;",
                                                "&",
                                                "_x0000_",
                                                "_xD83D_",
                                                "{",
                                                "}",
                                                "[",
                                                "]",
                                                ":",
                                                ",",
                                                ";",
                                                "null",
                                                "1e999",
                                                "-",
                                                "\\u0000",
                                                "\\ud800",
                                                "`\n",
                                                "@{",
                                                "@(",
                                                ")",
                                                "|",
                                                "$",
                                                "\n",
                                                "\r",
                                                "\t",
                                                "\xff",
                                                "\xc3",
                                                std::string(1, '\0'),
                                                "New-SendConnector ",
                                                "Set-SendConnector ",
                                                "-Name ",
                                                "#",
                                                "<#",
                                                "#>",
                                                "\u2019"};
    std::mt19937 random(20240501); // NOLINT: a fixed seed is the point
    const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random()) % limit; };
    for (int round = 0; round < 6000; ++round) {
        std::string text = originals[below(originals.size())];
        for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
            const std::size_t at = below(text.size() + 1);
            switch (below(5)) {
            case 0:
                text.resize(at);
                break;
            case 1:
                text.insert(at, fragments[below(fragments.size())]);
                break;
            case 2:
                text.erase(at, 1 + below(20));
                break;
            case 3:
                if (at < text.size())
                    text[at] = static_cast<char>(below(256));
                break;
            default:
                text += text.substr(at, below(200));
                break;
            }
        }
        try {
            described_import(text);
        } catch (const std::exception& error) {
            FAIL("round " << round << ": " << error.what() << "\n" << text);
        }
    }
}

} // namespace sendconnector::conf::exchange
