// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/smtp_said.hpp"

#include "milter/mail_log/queue_id.hpp"

#include <algorithm>
#include <array>

namespace sendconnector::mail_log {
namespace {

using Kind = SmtpSaid::Kind;

constexpr std::string_view trying_mark = "smtp_connect_addr: trying: ";
constexpr std::string_view password_mark = "smtp_sasl_passwd_lookup: host `";
constexpr std::string_view tls_mark = " TLS connection established to ";

// "PEER: DATA", where PEER ends in "]:PORT".
SmtpSaid with_peer(Kind kind, std::string_view text) {
    const std::size_t close = text.find("]:");
    const std::size_t end = close == std::string_view::npos ? close : text.find(':', close + 2);
    if (end == std::string_view::npos)
        return {};
    std::string_view data = text.substr(end + 1);
    data.remove_prefix(data.starts_with(' ') ? 1 : 0);
    return {kind, text.substr(0, end), data};
}

bool starts_with_trust(std::string_view text) {
    return std::ranges::any_of(
        std::array<std::string_view, 4>{"Anonymous", "Untrusted", "Trusted", "Verified"},
        [&](std::string_view word) {
            return text.starts_with(word) && text.substr(word.size()).starts_with(tls_mark);
        });
}

bool is_tls_warning(std::string_view text) {
    return text.starts_with("certificate verification failed for ") ||
           text.starts_with("server certificate verification failed for ") ||
           text.starts_with("SSL_connect error to ") || text.starts_with("warning: TLS library problem");
}

bool is_failed_connection(std::string_view text) {
    return text.starts_with("connect to ") && text.find("]:") != std::string_view::npos;
}

SmtpSaid of_delivery(std::string_view text, std::string_view id) {
    const std::string_view said = text.substr(id.size() + 2);
    if (said.starts_with("to=<"))
        return {Kind::delivery, {}, text};
    const bool is_loss = said.starts_with("lost connection with ") || said.starts_with("conversation with ");
    return {is_loss ? Kind::lost : Kind::other, {}, text};
}

// "... user `NAME' pass `PASSWORD'"; either may hold quotes.
SmtpSaid of_password(std::string_view text) {
    constexpr std::string_view mark = "' pass `";
    const std::size_t at = text.find(mark);
    if (at == std::string_view::npos)
        return {};
    std::string_view password = text.substr(at + mark.size());
    password.remove_suffix(password.ends_with('\'') ? 1 : 0);
    return {Kind::password, {}, password};
}

// smtp(8) looks at notify_classes when a session is over; it looks at lists of SASL properties elsewhere.
bool is_end(std::string_view text) {
    constexpr std::string_view mark = "name_mask: ";
    if (!text.starts_with(mark))
        return false;
    const std::string_view word = text.substr(mark.size());
    return std::ranges::any_of(std::array<std::string_view, 7>{"resource", "software", "bounce", "2bounce",
                                                               "delay", "policy", "protocol"},
                               [&](std::string_view name) { return word == name; });
}

} // namespace

SmtpSaid smtp_said(std::string_view text) {
    if (text.starts_with("> "))
        return with_peer(Kind::command, text.substr(2));
    if (text.starts_with("< "))
        return with_peer(Kind::reply, text.substr(2));
    if (text.starts_with(trying_mark)) {
        // "HOST[ADDRESS] port PORT..."
        return {Kind::trying, {}, text.substr(trying_mark.size())};
    }
    if (starts_with_trust(text)) {
        const std::size_t at = text.find(tls_mark);
        SmtpSaid said = with_peer(Kind::tls, text.substr(at + tls_mark.size()));
        said.data = text;
        return said;
    }
    if (is_tls_warning(text))
        return {Kind::warning, {}, text};
    if (is_failed_connection(text)) {
        SmtpSaid said = with_peer(Kind::failed, text.substr(11));
        return said;
    }
    if (text.starts_with(password_mark))
        return of_password(text);
    if (is_end(text) || text == "disposing SASL state information")
        return {Kind::over, {}, {}};
    if (text.starts_with("smtp_save_session: "))
        return {Kind::kept, {}, {}};
    if (text.starts_with("smtp_reuse_session: "))
        return {Kind::reused, {}, {}};
    if (const std::string_view id = leading_queue_id(text); !id.empty())
        return of_delivery(text, id);
    if (const std::size_t at = text.find(": subject_CN="); at != std::string_view::npos)
        return {Kind::certificate, text.substr(0, at), text.substr(at + 2)};
    return {};
}

bool is_ordinary(std::string_view text) {
    // msg_info() without msg_verbose, in src/smtp and src/tls of Postfix 3.7 to 3.12.
    for (const std::string_view begin :
         {"warning: ", "error: ", "fatal: ", "panic: ", "table ", "SMTPS wrappermode ",
          "discarding EHLO keywords: ", "Host offered STARTTLS: ", "using backwards-compatible default "})
        if (text.starts_with(begin))
            return true;
    if (text.find("]:") != std::string_view::npos &&
        text.find(": replacing server reply \"") != std::string_view::npos && !text.starts_with("< ") &&
        !text.starts_with("> "))
        return true;
    return !leading_queue_id(text).empty() || starts_with_trust(text) || is_tls_warning(text) ||
           is_failed_connection(text) || text.starts_with("statistics: ");
}

std::string_view address_of_peer(std::string_view peer) {
    const std::size_t open = peer.find('[');
    const std::size_t close = peer.find(']', open == std::string_view::npos ? 0 : open);
    if (open == std::string_view::npos || close == std::string_view::npos)
        return peer;
    return peer.substr(open + 1, close - open - 1);
}

std::string_view port_of_peer(std::string_view peer) {
    const std::size_t close = peer.rfind("]:");
    return close == std::string_view::npos ? std::string_view() : peer.substr(close + 2);
}

} // namespace sendconnector::mail_log
