// SPDX-License-Identifier: Apache-2.0
// Fields of SpamAssassin, amavis and Rspamd.
#include "milter/mail_header/field_decoders.hpp"
#include "milter/mail_header/pieces.hpp"
#include "policy/domain.hpp"
#include "policy/trimmed.hpp"

#include <algorithm>
#include <charconv>

namespace sendconnector::mail_header {
namespace {

constexpr std::size_t most_details = 200;

// "-1.9", "0.001", "+5".
std::optional<double> decimal(std::string_view text) {
    if (text.starts_with('+'))
        text.remove_prefix(1);
    if (text.empty() || text.size() > 20 || text.find_first_not_of("0123456789.-") != std::string_view::npos)
        return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

Weight weight_of_score(std::string_view score) {
    const auto value = decimal(score);
    if (!value || *value == 0)
        return Weight::neutral;
    return *value < 0 ? Weight::good : Weight::doubtful;
}

// Names of tests: one detail each where the filter writes their scores ("A=1.5,B=-0.1", "[A=1.5, B=-0.1]"),
// else one for all ("A,B").
void add_tests(std::string_view list, std::vector<Detail>& details) {
    std::string names;
    for (std::size_t count = 0; !list.empty() && count < most_details; ++count) {
        const std::size_t end = std::min(list.find_first_of(", "), list.size());
        const std::string_view test = list.substr(0, end);
        list.remove_prefix(std::min(end + 1, list.size()));
        if (test.empty() || test == "none")
            continue;
        const std::size_t equals = test.find('=');
        if (equals == std::string_view::npos) {
            names += names.empty() ? "" : ", ";
            names += test;
            continue;
        }
        const std::string_view score = test.substr(equals + 1);
        details.push_back(
            {std::string(test.substr(0, equals)), std::string(score), "", weight_of_score(score)});
    }
    if (!names.empty())
        details.push_back({"tests", names, "", Weight::neutral});
}

// Without the brackets around it.
std::string_view options_of(std::string_view text) {
    const bool has_brackets = text.size() >= 2 && text.front() == '[' && text.back() == ']';
    return (has_brackets ? text.substr(1, text.size() - 2) : text).substr(0, 200);
}

} // namespace

std::vector<Detail> spamassassin_status(const Field& field) {
    std::string_view text = field.value;
    const std::size_t comma = text.find(',');
    const std::string verdict = policy::fold_case(trimmed(text.substr(0, comma)).substr(0, 10));
    if (comma == std::string_view::npos || (verdict != "yes" && verdict != "no"))
        return {};
    text.remove_prefix(comma + 1);
    std::vector<Detail> details = {{"spam", verdict, verdict == "yes" ? "spam" : "not spam",
                                    verdict == "yes" ? Weight::bad : Weight::good}};
    std::string_view tests;
    // A folded list of tests has blanks behind its commas.
    if (const std::size_t at = text.find("tests="); at != std::string_view::npos) {
        std::string_view rest = text.substr(at + 6);
        std::size_t end = rest.starts_with('[') ? rest.find(']') : 0;
        if (!rest.starts_with('['))
            for (end = std::min(rest.find(' '), rest.size());
                 end < rest.size() && end > 0 && rest[end - 1] == ',';)
                end = std::min(rest.find(' ', end + 1), rest.size());
        end = std::min(end, rest.size());
        tests = rest.substr(rest.starts_with('[') ? 1 : 0, end - (rest.starts_with('[') ? 1 : 0));
    }
    for (const Piece& piece : pieces(text, "")) {
        const std::size_t equals = piece.text.find('=');
        const std::string_view name = piece.text.substr(0, equals);
        if (equals == std::string_view::npos || details.size() >= most_details)
            continue;
        const std::string_view value = piece.text.substr(equals + 1);
        if (name == "score" || name == "hits")
            details.push_back({"score", std::string(value), "", Weight::neutral});
        else if (name == "required")
            details.push_back(
                {"required", std::string(value), "from this score on it is spam", Weight::neutral});
        else if (name == "autolearn")
            details.push_back(
                {"autolearn", std::string(value), "what the filter has learnt it as", Weight::neutral});
        else if (name == "version")
            details.push_back({"version", std::string(value), "", Weight::neutral});
    }
    add_tests(tests, details);
    return details;
}

std::vector<Detail> rspamd_result(const Field& field) {
    // "default: False [-2.10 / 15.00]; SYMBOL(-0.20)[options]; ..."
    std::string_view text = field.value;
    const std::size_t open = text.find('[');
    const std::size_t slash = text.find('/', open == std::string_view::npos ? text.size() : open);
    const std::size_t close = text.find(']', slash == std::string_view::npos ? text.size() : slash);
    if (close == std::string_view::npos)
        return {};
    const std::string_view score = trimmed(text.substr(open + 1, slash - open - 1));
    const std::string_view limit = trimmed(text.substr(slash + 1, close - slash - 1));
    if (!decimal(score) || !decimal(limit))
        return {};
    const bool is_spam = text.substr(0, open).find("True") != std::string_view::npos;
    if (!is_spam && text.substr(0, open).find("False") == std::string_view::npos)
        return {};
    std::vector<Detail> details = {
        {"spam", is_spam ? "yes" : "no", is_spam ? "spam" : "not spam", is_spam ? Weight::bad : Weight::good},
        {"score", std::string(score), "", Weight::neutral},
        {"required", std::string(limit), "from this score on it is spam", Weight::neutral}};
    text.remove_prefix(close + 1);
    while (!text.empty() && details.size() < most_details) {
        const std::size_t end = std::min(text.find(';'), text.size());
        const std::string_view symbol = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t bracket = symbol.find('(');
        const std::size_t after =
            symbol.find(')', bracket == std::string_view::npos ? symbol.size() : bracket);
        if (after == std::string_view::npos)
            continue;
        const std::string_view weight = symbol.substr(bracket + 1, after - bracket - 1);
        details.push_back({std::string(symbol.substr(0, bracket)), std::string(weight),
                           std::string(options_of(symbol.substr(after + 1))), weight_of_score(weight)});
    }
    return details;
}

std::vector<Detail> rspamd_action(const Field& field) {
    constexpr std::pair<std::string_view, Weight> actions[] = {
        {"no action", Weight::good},      {"greylist", Weight::doubtful},    {"add header", Weight::bad},
        {"rewrite subject", Weight::bad}, {"soft reject", Weight::doubtful}, {"reject", Weight::bad},
    };
    const auto* const found =
        std::ranges::find(actions, field.value, &std::pair<std::string_view, Weight>::first);
    return found == std::end(actions) ? std::vector<Detail>()
                                      : std::vector<Detail>{{"action", field.value, "", found->second}};
}

std::vector<Detail> plain_score(const Field& field) {
    return decimal(field.value) ? std::vector<Detail>{{"score", field.value, "", Weight::neutral}}
                                : std::vector<Detail>();
}

std::vector<Detail> spam_flag(const Field& field) {
    const std::string flag = policy::fold_case(field.value.substr(0, 10));
    if (flag == "yes")
        return {{"spam", field.value, "spam", Weight::bad}};
    return flag == "no" ? std::vector<Detail>{{"spam", field.value, "not spam", Weight::good}}
                        : std::vector<Detail>();
}

} // namespace sendconnector::mail_header
