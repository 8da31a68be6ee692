// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/clixml_writer.hpp"

#include "conf/exchange/clixml_string.hpp"

#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <vector>

namespace sendconnector::conf::exchange {

namespace {

class Writer {
public:
    std::string write(std::span<const Object> objects) {
        m_out = "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">\n";
        for (const Object& object : objects)
            write(object);
        return std::move(m_out) + "</Objs>\n";
    }

private:
    void line(int level, std::string_view text) {
        m_out.append(static_cast<std::size_t>(level) * 2, ' ');
        m_out += text;
        m_out += '\n';
    }

    // Written out once, referred to from then on, as Export-Clixml does.
    void types(int level, const std::vector<std::string>& names) {
        const auto [known, is_new] = m_types.try_emplace(names.front(), m_types.size());
        if (!is_new)
            return line(level, fmt::format(R"(<TNRef RefId="{}" />)", known->second));
        line(level, fmt::format(R"(<TN RefId="{}">)", known->second));
        for (const std::string& name : names)
            line(level + 1, fmt::format("<T>{}</T>", encode_clixml_string(name)));
        line(level, "</TN>");
    }

    void write(const Object& object) {
        line(1, fmt::format(R"(<Obj RefId="{}">)", m_next_object++));
        if (!object.type.empty())
            types(2, {object.type, "System.Object"});
        const Property* name = object.find("Name");
        if (name != nullptr && name->value.text() != nullptr)
            line(2, fmt::format("<ToString>{}</ToString>", encode_clixml_string(*name->value.text())));
        line(2, "<Props>");
        for (const Property& property : object.properties)
            write(3, fmt::format(R"( N="{}")", encode_clixml_string(property.name)), property.value);
        line(2, "</Props>");
        line(1, "</Obj>");
    }

    void write(int level, const std::string& name, const Value& value) {
        if (const auto* flag = value.flag()) {
            line(level, fmt::format("<B{}>{}</B>", name, *flag));
        } else if (const auto* number = value.number()) {
            const bool small = *number >= INT32_MIN && *number <= INT32_MAX;
            line(level, fmt::format("<{0}{1}>{2}</{0}>", small ? "I32" : "I64", name, *number));
        } else if (const auto* text = value.text()) {
            line(level, fmt::format("<S{}>{}</S>", name, encode_clixml_string(*text)));
        } else if (const auto* items = value.items()) {
            line(level, fmt::format(R"(<Obj{} RefId="{}">)", name, m_next_object++));
            types(level + 1, {"System.Collections.ArrayList", "System.Object"});
            line(level + 1, "<LST>");
            for (const Value& item : *items)
                write(level + 2, "", item);
            line(level + 1, "</LST>");
            line(level, "</Obj>");
        } else {
            line(level, fmt::format("<Nil{} />", name));
        }
    }

    std::string m_out;
    std::map<std::string, std::size_t> m_types;
    std::size_t m_next_object = 0;
};

} // namespace

std::string clixml_of(std::span<const Object> objects) {
    return Writer().write(objects);
}

} // namespace sendconnector::conf::exchange
