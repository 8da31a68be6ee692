// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/clixml_reader.hpp"

#include "conf/exchange/clixml_primitive.hpp"
#include "conf/exchange/clixml_string.hpp"
#include "conf/exchange/nested_value.hpp"
#include "conf/exchange/place.hpp"
#include "conf/exchange/xml_check.hpp"
#include "conf/plain_text.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <pugixml.hpp>
#include <unordered_map>
#include <unordered_set>

namespace sendconnector::conf::exchange {

namespace {

constexpr const char* check_the_file =
    "export again with Export-Clixml, or check that the whole file arrived";
constexpr std::array<std::string_view, 4> lists = {"LST", "IE", "STK", "QUE"};
// What references may make of a file that is small itself.
constexpr std::size_t most_octets = 4 * largest_export;

// Thrown on the way out of nested objects; read_clixml() gives it on as its Error.
struct Refused {
    std::size_t offset;
    std::string text;
    std::string hint;
};

bool is_list(const pugi::xml_node& node) {
    return std::find(lists.begin(), lists.end(), std::string_view(node.name())) != lists.end();
}

std::size_t offset_of(const pugi::xml_node& node) {
    return static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug(), 0));
}

// All text of the element, which a comment or a CDATA section may have split.
std::string content_of(const pugi::xml_node& node) {
    std::string content;
    for (const pugi::xml_node& child : node.children())
        if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata)
            content += child.value();
    return content;
}

std::string name_of(const pugi::xml_node& node) {
    return decode_clixml_string(node.attribute("N").value());
}

class Reader {
public:
    explicit Reader(std::string_view text) : m_lines(text) {}

    Reading read(const pugi::xml_node& root) {
        for (const pugi::xml_node& child : root.children())
            if (child.type() == pugi::node_element) {
                remember(child);
                read_root(child, 1);
            }
        return std::move(m_reading);
    }

private:
    void remark(const pugi::xml_node& node, std::string text) {
        if (m_reading.remarks.size() < most_remarks)
            m_reading.remarks.push_back({m_lines.line_of(offset_of(node)), std::move(text)});
    }

    void charge(const pugi::xml_node& node, std::size_t octets) {
        m_octets += octets;
        if (++m_values > most_values || m_octets > most_octets)
            throw Refused{offset_of(node), fmt::format("more than {} values", most_values),
                          "export fewer connectors into one file"};
    }

    // An object of the pipeline; a list of them is as many, which is how -InputObject and a comma write them.
    void read_root(const pugi::xml_node& node, std::size_t depth) {
        check_depth(node, depth);
        const std::string_view kind = node.name();
        if (kind != "Obj") {
            remark(node, fmt::format("<{}> is no object with properties", shortened(escaped(kind))));
            return;
        }
        for (const pugi::xml_node& child : node.children()) {
            if (!is_list(child))
                continue;
            for (const pugi::xml_node& item : child.children())
                read_root(item, depth + 1);
            return;
        }
        if (m_reading.objects.size() == most_objects)
            throw Refused{offset_of(node), fmt::format("more than {} objects", most_objects),
                          "export fewer connectors into one file"};
        Object object{type_of(node), m_lines.line_of(offset_of(node)), properties_of(node, depth)};
        if (object.properties.empty())
            remark(node, "an object without properties");
        else
            m_reading.objects.push_back(std::move(object));
    }

    // What an object of the pipeline holds may be referred to by whatever comes later, also where it is not
    // read itself. check_xml() has bounded the depth.
    void remember(const pugi::xml_node& node) {
        const std::string_view kind = node.name();
        if (kind == "Obj")
            m_objects[node.attribute("RefId").value()] = node;
        else if (kind == "TN")
            m_types[node.attribute("RefId").value()] = decode_clixml_string(content_of(node.child("T")));
        for (const pugi::xml_node& child : node.children())
            if (child.type() == pugi::node_element)
                remember(child);
    }

    std::string type_of(const pugi::xml_node& node) const {
        std::string type;
        if (const pugi::xml_node names = node.child("TN"))
            type = decode_clixml_string(content_of(names.child("T")));
        else if (const auto found = m_types.find(node.child("TNRef").attribute("RefId").value());
                 found != m_types.end())
            type = found->second;
        constexpr std::string_view remoting = "Deserialized.";
        return type.starts_with(remoting) ? type.substr(remoting.size()) : type;
    }

    void check_depth(const pugi::xml_node& node, std::size_t depth) const {
        if (depth > deepest_nesting)
            throw Refused{offset_of(node), fmt::format("more than {} objects in each other", deepest_nesting),
                          "export with a smaller -Depth; 2, the default, is enough"};
    }

    // Extended members hide the others, as they do in PowerShell.
    std::vector<Property> properties_of(const pugi::xml_node& node, std::size_t depth) {
        std::vector<Property> properties;
        std::unordered_map<std::string, std::size_t> known;
        for (const char* part : {"Props", "MS", "DCT"}) {
            std::unordered_set<std::string> here;
            for (const pugi::xml_node& section : node.children(part))
                for (const pugi::xml_node& child : section.children())
                    if (child.type() == pugi::node_element)
                        add(child, depth, properties, known, here);
        }
        return properties;
    }

    void add(const pugi::xml_node& node, std::size_t depth, std::vector<Property>& properties,
             std::unordered_map<std::string, std::size_t>& known, std::unordered_set<std::string>& here) {
        std::string name = name_of(node);
        pugi::xml_node value = node;
        if (std::string_view(node.name()) == "En") { // of a hash table, as for splatting
            value = {};
            for (const pugi::xml_node& child : node.children()) {
                if (std::string_view(child.attribute("N").value()) == "Key")
                    name = decode_clixml_string(content_of(child));
                else if (child.type() == pugi::node_element)
                    value = child;
            }
        }
        const std::string folded = policy::fold_case(name);
        if (name.empty() || !value || folded == "serializationdata")
            return;
        if (!here.insert(folded).second)
            throw Refused{offset_of(node),
                          fmt::format("{} is there twice in one object", in_quotes(escaped(name))),
                          check_the_file};
        Nested nested = value_of(value, depth + 1);
        Property property{std::move(name), std::move(nested.value), std::move(nested.lost)};
        const auto [place, is_new] = known.try_emplace(folded, properties.size());
        if (is_new)
            properties.push_back(std::move(property));
        else
            properties[place->second] = std::move(property);
    }

    Nested value_of(const pugi::xml_node& node, std::size_t depth) {
        check_depth(node, depth);
        const std::string_view kind = node.name();
        if (kind == "Obj")
            return value_of_object(node, depth);
        if (kind == "Ref")
            return value_of_reference(node, depth);
        const std::string content = kind == "SS" || kind == "BA" ? std::string() : content_of(node);
        charge(node, content.size());
        if (auto scalar = clixml_primitive(kind, content)) {
            const std::string* text = kind == "S" ? scalar->value.text() : nullptr;
            if (text != nullptr)
                if (auto cut = value_of_cut_text(*text))
                    return *std::move(cut);
            return *std::move(scalar);
        }
        return {{}, fmt::format("<{}>, which CLIXML does not have", shortened(escaped(kind)))};
    }

    Nested value_of_reference(const pugi::xml_node& node, std::size_t depth) {
        charge(node, 0);
        const std::string id = node.attribute("RefId").value();
        const auto found = m_objects.find(id);
        if (found == m_objects.end())
            throw Refused{
                offset_of(node),
                fmt::format("a reference to object {}, which is not there before it", in_quotes(escaped(id))),
                check_the_file};
        if (m_open.count(found->second.hash_value()) != 0)
            return {{}, "the object itself, which is within itself"};
        return value_of_object(found->second, depth);
    }

    Nested value_of_object(const pugi::xml_node& node, std::size_t depth) {
        charge(node, 0);
        m_open.insert(node.hash_value());
        Nested nested = contents(node, depth);
        m_open.erase(node.hash_value());
        return nested;
    }

    Nested contents(const pugi::xml_node& node, std::size_t depth) {
        const std::string type = type_of(node);
        if (type.ends_with("PSCredential") || type.ends_with("SecureString"))
            return value_of_properties({{"Password", {}, {}}, {"UserName", user_name(node), {}}});
        Nested text;
        for (const pugi::xml_node& child : node.children()) {
            if (is_list(child))
                return items_of(child, depth);
            const std::string_view kind = child.name();
            if (kind == "ToString") {
                text.value = Value(decode_clixml_string(content_of(child)));
                charge(child, text.value.text()->size());
            }
        }
        if (text.value.text() != nullptr && !text.value.text()->empty() &&
            !value_of_cut_text(*text.value.text()))
            return text;
        if (node.child("Props") || node.child("MS") || node.child("DCT"))
            return value_of_properties(properties_of(node, depth));
        for (const pugi::xml_node& child : node.children()) {
            const std::string_view kind = child.name();
            if (child.type() == pugi::node_element && kind != "TN" && kind != "TNRef" && kind != "ToString")
                return value_of(child, depth + 1);
        }
        return text.value.is_null() ? Nested{{}, "an object without a text"}
                                    : value_of_cut_text(*text.value.text()).value_or(text);
    }

    Value user_name(const pugi::xml_node& node) const {
        for (const char* part : {"Props", "MS"})
            for (const pugi::xml_node& child : node.child(part).children())
                if (policy::fold_case(name_of(child)) == "username")
                    return Value(decode_clixml_string(content_of(child)));
        return {};
    }

    Nested items_of(const pugi::xml_node& list, std::size_t depth) {
        List items;
        std::string lost;
        for (const pugi::xml_node& child : list.children()) {
            if (child.type() != pugi::node_element)
                continue;
            Nested item = value_of(child, depth + 1);
            if (!item.lost.empty() && lost.empty())
                lost = std::move(item.lost);
            if (!item.value.is_null())
                items.push_back(std::move(item.value));
        }
        return {Value(std::move(items)), std::move(lost)};
    }

    LineIndex m_lines;
    Reading m_reading;
    std::unordered_map<std::string, std::string> m_types;      // by RefId
    std::unordered_map<std::string, pugi::xml_node> m_objects; // by RefId
    std::unordered_set<std::size_t> m_open;                    // being read, by hash_value()
    std::size_t m_values = 0;
    std::size_t m_octets = 0;
};

// Offsets are those of `text`.
Result<Reading> parse(std::string_view text) {
    pugi::xml_document document;
    const pugi::xml_parse_result parsed = document.load_buffer(
        text.data(), text.size(), pugi::parse_default | pugi::parse_ws_pcdata_single, pugi::encoding_utf8);
    if (!parsed)
        return fail(
            fmt::format("{}: no XML: {}",
                        place_in(text, static_cast<std::size_t>(std::max<std::ptrdiff_t>(parsed.offset, 0))),
                        policy::fold_case(parsed.description())),
            check_the_file);
    const pugi::xml_node root = document.document_element();
    if (std::string_view(root.name()) != "Objs")
        return fail(fmt::format("{}: the document is <{}>, and an export is <Objs>",
                                place_in(text, offset_of(root)), shortened(escaped(root.name()))),
                    "export with Get-SendConnector | Export-Clixml connectors.xml");
    try {
        return Reader(text).read(root);
    } catch (const Refused& refused) {
        return fail(fmt::format("{}: {}", place_in(text, refused.offset), refused.text), refused.hint);
    }
}

} // namespace

Result<Reading> read_clixml(std::string_view text) {
    constexpr std::string_view mark = "#< CLIXML";
    const std::size_t begin = text.find_first_not_of(" \t\n");
    std::string blanked;
    if (begin != std::string_view::npos && text.substr(begin).starts_with(mark)) {
        // Blanks in its place keep lines and columns what they are.
        blanked = text;
        std::fill_n(blanked.begin() + static_cast<std::ptrdiff_t>(begin), mark.size(), ' ');
        text = blanked;
    }
    if (const auto checked = check_xml(text); !checked)
        return tl::unexpected(checked.error());
    return parse(text);
}

} // namespace sendconnector::conf::exchange
