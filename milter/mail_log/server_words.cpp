// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/server_words.hpp"

#include "milter/mail_log/delivery.hpp"
#include "milter/mail_log/queue_id.hpp"

#include <algorithm>
#include <optional>

namespace sendconnector::mail_log {
namespace {

std::size_t digits_at(std::string_view text, std::size_t at) {
    return std::min(text.find_first_not_of("0123456789", at), text.size()) - at;
}

// "535 5.7.8 ", "535-"; 0 where there is no code.
std::size_t length_of_code(std::string_view reply) {
    if (digits_at(reply, 0) != 3 || (reply.size() > 3 && reply[3] != ' ' && reply[3] != '-'))
        return 0;
    const std::size_t code = std::min<std::size_t>(4, reply.size());
    // RFC 3463 2; digits beyond it may be anything.
    const std::string_view rest = reply.substr(code);
    if (rest.size() < 5 || std::string_view("245").find(rest[0]) == std::string_view::npos ||
        rest[1] != '.' || digits_at(rest, 2) != 1 || rest[3] != '.')
        return code;
    const std::size_t detail = digits_at(rest, 4);
    if (detail < 1 || detail > 3 || (rest.size() > 4 + detail && rest[4 + detail] != ' '))
        return code;
    return code + std::min(rest.size(), 4 + detail + 1);
}

struct Words {
    std::size_t at; // npos: there are none
    bool in_brackets;
};

// Where the words of a server begin.
Words words_in(std::string_view text) {
    constexpr std::size_t none = std::string_view::npos;
    constexpr std::string_view sasl = "warning: SASL ";
    if (text.starts_with(sasl))
        return {sasl.size(), false};
    const std::string_view id = leading_queue_id(text);
    const std::string_view said = id.empty() ? text : text.substr(id.size() + 2);
    const std::optional<Delivery> delivery = parse_delivery(said);
    std::size_t begin = 0;
    const bool in_brackets = delivery && said.ends_with(')');
    if (delivery)
        begin = text.size() - delivery->reply.size() - (in_brackets ? 1 : 0);
    else if (const std::size_t at = text.find("certificate verification failed for "); at < 10)
        begin = text.find(": ", at);
    std::size_t first = none;
    for (const std::string_view mark :
         {" said: ", " refused to talk to me: ", " server reply \"", " response from "})
        if (const std::size_t at = text.find(mark, begin); at < first)
            first = std::min(at + mark.size(), text.size());
    return {first == none && begin > 0 ? begin : first, in_brackets};
}

} // namespace

std::string without_words(std::string_view reply) {
    const std::size_t code = length_of_code(reply);
    std::string out(reply.substr(0, code));
    if (code < reply.size())
        out += left_out;
    return out;
}

bool is_last_line(std::string_view reply) {
    return length_of_code(reply) > 0 && reply.substr(3, 1) != "-";
}

std::string shown_reply(const Secrets& secrets, std::string_view reply) {
    return secrets.has_piece_in(reply) ? without_words(reply) : std::string(reply);
}

std::string shown_line(const Secrets& secrets, std::string_view text) {
    const auto [at, in_brackets] = words_in(text);
    if (at >= text.size() || !secrets.has_piece_in(text.substr(at)))
        return secrets.hide(text);
    return secrets.hide(text.substr(0, at)) + without_words(text.substr(at)) + (in_brackets ? ")" : "");
}

} // namespace sendconnector::mail_log
