// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/cmdlet.hpp"

#include "conf/exchange/property_value.hpp"
#include "conf/nearest.hpp"
#include "conf/plain_text.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sendconnector::conf::exchange {

namespace {

// More are no list that a command line is for.
constexpr std::size_t most_shown = 8;

std::string see_help(CmdletName cmdlet) {
    return fmt::format("sendconnectorctl help {} lists its parameters", to_string(cmdlet));
}

std::vector<const Parameter*> begun_by(CmdletName cmdlet, std::string_view folded, bool ours) {
    std::vector<const Parameter*> found;
    for (const Parameter& each : parameters()) {
        if (each.is_of(cmdlet) && (each.origin == ParameterOrigin::ours) == ours &&
            policy::fold_case(each.name).starts_with(folded)) {
            found.push_back(&each);
        }
    }
    return found;
}

tl::unexpected<Error> unknown(CmdletName cmdlet, std::string_view written) {
    const std::string shown = dashed(shortened(written));
    if (const Parameter* elsewhere = find_parameter(written)) {
        std::vector<std::string_view> owners;
        for (unsigned i = 0; i <= static_cast<unsigned>(CmdletName::disable_connector); ++i) {
            if (elsewhere->is_of(static_cast<CmdletName>(i))) {
                owners.push_back(to_string(static_cast<CmdletName>(i)));
            }
        }
        return fail(fmt::format("{} has no parameter {}", to_string(cmdlet), dashed(elsewhere->name)),
                    fmt::format("it is one of {}", fmt::join(owners, ", ")));
    }
    std::vector<std::string_view> names;
    for (const Parameter& each : parameters()) {
        if (each.is_of(cmdlet)) {
            names.push_back(each.name);
        }
    }
    const std::string_view meant = nearest(written, names);
    return fail(fmt::format("{} has no parameter {}", to_string(cmdlet), shown),
                meant.empty() ? see_help(cmdlet) : fmt::format("did you mean {}?", dashed(meant)));
}

Result<const Parameter*> parameter_of(CmdletName cmdlet, std::string_view written) {
    if (const Parameter* exact = find_parameter(written); exact != nullptr && exact->is_of(cmdlet)) {
        return exact;
    }
    const std::string folded = policy::fold_case(written);
    for (const bool ours : {false, true}) {
        if (ours && find_parameter(written) != nullptr) {
            break; // -Custom of New-SendConnector is not -CustomFailureCodes of the others
        }
        const std::vector<const Parameter*> begun = begun_by(cmdlet, folded, ours);
        if (begun.size() == 1) {
            return begun.front();
        }
        if (begun.size() > 1) {
            std::vector<std::string> names;
            for (const Parameter* each : begun) {
                names.push_back(dashed(each->name));
            }
            return fail(fmt::format("{} may be {}", dashed(shortened(written)), fmt::join(names, ", ")),
                        "write more of its name");
        }
    }
    return unknown(cmdlet, written);
}

bool is_flag_word(const Element& element) {
    if (element.kind == Element::Kind::value) {
        return element.value.flag() != nullptr;
    }
    const std::string word = policy::fold_case(element.text);
    return element.kind == Element::Kind::raw && (word == "$true" || word == "$false");
}

class Binder {
public:
    Binder(CmdletName name, std::span<const Element> elements) : m_rest(elements) { m_cmdlet.name = name; }

    Result<Cmdlet> run() {
        while (!m_rest.empty()) {
            const Element& element = m_rest.front();
            const Result<void> taken =
                element.kind == Element::Kind::parameter ? take_parameter() : take_position();
            if (!taken) {
                return tl::unexpected(taken.error());
            }
        }
        if (const Result<void> complete = check_complete(); !complete) {
            return tl::unexpected(complete.error());
        }
        return std::move(m_cmdlet);
    }

private:
    Result<void> take_parameter() {
        const Element& name = m_rest.front();
        const Result<const Parameter*> parameter = parameter_of(m_cmdlet.name, name.text);
        if (!parameter) {
            return tl::unexpected(parameter.error());
        }
        m_rest = m_rest.subspan(1);
        const bool is_switch = (*parameter)->kind == ParameterKind::switch_alone;
        const bool has_value = !m_rest.empty() && m_rest.front().kind != Element::Kind::parameter;
        if (is_switch && !name.has_colon && !(has_value && is_flag_word(m_rest.front()))) {
            return add(**parameter, Element{.kind = Element::Kind::value, .text = {}, .value = Value(true)});
        }
        if (!has_value) {
            return fail(
                fmt::format("{} wants a value, and none stands behind it", dashed((*parameter)->name)),
                hint_for_missing(**parameter));
        }
        return take_value(**parameter);
    }

    std::string hint_for_missing(const Parameter& parameter) const {
        if (parameter.kind == ParameterKind::flag) {
            return fmt::format(
                "write $true or $false; in a shell '$true' in single quotation marks, or true");
        }
        if (parameter.kind == ParameterKind::switch_alone) {
            return fmt::format(
                "write {0}:$false; in a shell '{0}:$false' in single quotation marks, or {0}:false",
                dashed(parameter.name));
        }
        return "write it, in quotation marks where it begins with a dash";
    }

    Result<void> take_position() {
        const Parameter* wanted =
            find_parameter(m_cmdlet.name == CmdletName::new_connector ? "Name" : "Identity");
        if (m_cmdlet.find(wanted->name) == nullptr) {
            return take_value(*wanted);
        }
        const Element& element = m_rest.front();
        const std::string shown = element.kind == Element::Kind::raw ? element.text
                                  : element.value.text() != nullptr  ? *element.value.text()
                                                                     : "a value";
        return fail(fmt::format("{} belongs to no parameter", in_quotes(shown)),
                    element.kind == Element::Kind::raw
                        ? "put quotation marks around a value with blanks, and around * for the shell"
                        : "put quotation marks around a value with blanks");
    }

    // The words of a list that a shell has cut: "a," "b", "a" ",b".
    Element raw_list() {
        Element joined = m_rest.front();
        m_rest = m_rest.subspan(1);
        while (!m_rest.empty() && m_rest.front().kind == Element::Kind::raw &&
               (joined.text.ends_with(',') || m_rest.front().text.starts_with(','))) {
            joined.text += m_rest.front().text;
            m_rest = m_rest.subspan(1);
        }
        return joined;
    }

    Result<void> take_value(const Parameter& parameter) {
        if (m_rest.front().kind != Element::Kind::raw) {
            Element value = m_rest.front();
            m_rest = m_rest.subspan(1);
            return add(parameter, std::move(value));
        }
        const Element raw = parameter.kind == ParameterKind::list ? raw_list() : m_rest.front();
        if (parameter.kind != ParameterKind::list) {
            m_rest = m_rest.subspan(1);
        }
        const std::string word = policy::fold_case(raw.text);
        const bool is_special = word == "$true" || word == "$false" || word == "$null";
        const bool is_quoted = raw.text.starts_with("@(") || raw.text.starts_with("@{") ||
                               raw.text.starts_with('\'') || raw.text.starts_with('"');
        if (is_special || (parameter.kind == ParameterKind::list && is_quoted)) {
            Result<Element> value = read_value(raw.text);
            // A mailbox may begin with a quotation mark of its own.
            if (value || !raw.text.starts_with('"')) {
                return value ? add(parameter, std::move(*value))
                             : fail(fmt::format("{}: {}", dashed(parameter.name), value.error().text),
                                    value.error().hint);
            }
        }
        return add(parameter, Element{.kind = Element::Kind::value, .text = {}, .value = Value(raw.text)});
    }

    Result<void> add(const Parameter& parameter, Element value) {
        const std::string name = dashed(parameter.name);
        if (m_cmdlet.find(parameter.name) != nullptr) {
            return fail(name + " is given twice", "give it once");
        }
        if (!value.expression.empty() && parameter.kind != ParameterKind::credential) {
            return fail(
                fmt::format("{}: {} is for PowerShell to work out", name, in_quotes(value.expression)),
                "write the value itself, in single quotation marks where it holds a $");
        }
        if (value.change && parameter.kind != ParameterKind::list) {
            return fail(fmt::format("{} is no list, and @{{...}} changes one", name), "write its new value");
        }
        if (value.change && m_cmdlet.name == CmdletName::new_connector) {
            return fail(fmt::format("{}: there is no list yet that @{{...}} could change", name),
                        "write the list itself");
        }
        if (parameter.key.empty() && parameter.kind == ParameterKind::switch_alone) {
            const Result<bool> flag = flag_of(value.value);
            if (!flag) {
                return fail(fmt::format("{}: {}", name, flag.error().text), flag.error().hint);
            }
            value.value = Value(*flag);
        }
        if (parameter.key.empty() && parameter.kind == ParameterKind::text &&
            (value.value.text() == nullptr || value.value.text()->empty())) {
            return fail(fmt::format("{} wants one text", name), "give one value");
        }
        m_cmdlet.parameters.push_back({&parameter, std::move(value.value), std::move(value.change)});
        return {};
    }

    Result<void> check_complete() const {
        std::vector<std::string_view> wanted;
        if (m_cmdlet.name == CmdletName::new_connector) {
            wanted = {"Name", "AddressSpaces"};
        } else if (m_cmdlet.name != CmdletName::get_connector) {
            wanted = {"Identity"};
        }
        std::vector<std::string> missing;
        for (const std::string_view name : wanted) {
            if (m_cmdlet.find(name) == nullptr) {
                missing.push_back(dashed(name));
            }
        }
        if (missing.empty()) {
            return {};
        }
        return fail(fmt::format("{} wants {}", to_string(m_cmdlet.name), fmt::join(missing, " and ")),
                    m_cmdlet.name == CmdletName::new_connector
                        ? "as in New-SendConnector -Name \"To Internet\" -AddressSpaces '*'"
                        : fmt::format("as in {} -Identity \"To Internet\"", to_string(m_cmdlet.name)));
    }

    std::span<const Element> m_rest;
    Cmdlet m_cmdlet;
};

} // namespace

const Bound* Cmdlet::find(std::string_view parameter) const {
    const auto found = std::find_if(parameters.begin(), parameters.end(),
                                    [&](const Bound& each) { return each.parameter->name == parameter; });
    return found == parameters.end() ? nullptr : &*found;
}

std::string Cmdlet::text(std::string_view parameter) const {
    const Bound* bound = find(parameter);
    return bound != nullptr && bound->value.text() != nullptr ? *bound->value.text() : "";
}

std::optional<bool> Cmdlet::flag(std::string_view parameter) const {
    const Bound* bound = find(parameter);
    return bound != nullptr && bound->value.flag() != nullptr ? std::optional(*bound->value.flag())
                                                              : std::nullopt;
}

Result<Cmdlet> bind(CmdletName name, std::span<const Element> elements) {
    return Binder(name, elements).run();
}

} // namespace sendconnector::conf::exchange
