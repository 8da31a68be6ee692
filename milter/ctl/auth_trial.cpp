// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/auth_trial.hpp"

#include "milter/ctl/smtp_session.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/evp.h>
#include <sstream>
#include <vector>

namespace sendconnector::ctl {
namespace {

using starttls::SmtpReply;

std::string base64(const std::string& octets) {
    std::string text(4 * ((octets.size() + 2) / 3) + 1, '\0');
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                       reinterpret_cast<const unsigned char*>(octets.data()),
                                       static_cast<int>(octets.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

// RFC 4954 3: "AUTH PLAIN LOGIN", and "AUTH=..." of servers older than that.
std::vector<std::string> mechanisms_of(const SmtpReply& ehlo) {
    std::vector<std::string> mechanisms;
    for (const std::string& line : ehlo.lines) {
        std::string folded = policy::fold_case(line);
        if (!folded.starts_with("auth ") && !folded.starts_with("auth="))
            continue;
        std::ranges::transform(folded, folded.begin(),
                               [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
        std::istringstream words(folded.substr(5));
        for (std::string word; words >> word;)
            mechanisms.push_back(word);
    }
    return mechanisms;
}

// A server may repeat what it was told: taken out of its octets, before they are cut and escaped.
std::string without(const std::vector<std::string>& secrets, const SmtpReply& reply) {
    std::string text = fmt::format("{}", fmt::join(reply.lines, " "));
    constexpr std::string_view instead = "(secret)";
    for (const std::string& secret : secrets)
        for (std::size_t at = text.find(secret); !secret.empty() && at != std::string::npos;
             at = text.find(secret, at + instead.size()))
            text.replace(at, secret.size(), instead);
    return starttls::printable_ascii(text);
}

AuthTrial could_not(std::string why) {
    return {AuthTrial::Result::unknown, {}, std::move(why)};
}

class Login {
public:
    Login(SmtpSession& session, const conf::Credential& credential)
        : m_session(session), m_plain(base64(std::string(1, '\0') + credential.username +
                                             std::string(1, '\0') + credential.password)),
          m_username(base64(credential.username)),
          m_password(base64(credential.password)), m_secrets{m_plain, m_password, credential.password} {}

    AuthTrial by_plain() {
        Result<SmtpReply> reply = m_session.ask("AUTH PLAIN " + m_plain, "AUTH");
        if (reply && reply->code == 334)
            reply = m_session.ask(m_plain, "AUTH");
        return outcome("PLAIN", reply);
    }

    AuthTrial by_login() {
        Result<SmtpReply> reply = m_session.ask("AUTH LOGIN", "AUTH");
        if (reply && reply->code == 334)
            reply = m_session.ask(m_username, "AUTH");
        if (reply && reply->code == 334)
            reply = m_session.ask(m_password, "AUTH");
        return outcome("LOGIN", reply);
    }

private:
    AuthTrial outcome(std::string mechanism, const Result<SmtpReply>& reply) const {
        if (!reply)
            return {AuthTrial::Result::unknown, std::move(mechanism), to_string(reply.error())};
        using Result = AuthTrial::Result;
        // RFC 4954 4.2.2, 6: 235 is the only success; 4xx is "not now".
        const Result result = reply->code == 235   ? Result::accepted
                              : reply->code >= 500 ? Result::refused
                                                   : Result::unknown;
        return {result, std::move(mechanism), fmt::format("{} {}", reply->code, without(m_secrets, *reply))};
    }

    SmtpSession& m_session;
    std::string m_plain;
    std::string m_username;
    std::string m_password;
    std::vector<std::string> m_secrets;
};

} // namespace

std::string_view word(AuthTrial::Result result) {
    switch (result) {
    case AuthTrial::Result::accepted:
        return "accepted";
    case AuthTrial::Result::refused:
        return "refused";
    case AuthTrial::Result::unknown:
        break;
    }
    return "unknown";
}

AuthTrial try_credentials(const AuthQuestion& question, const conf::Credential& credential) {
    SmtpSession session(question.endpoint, question.identity, question.time);
    if (const Result<void> opened = session.open(); !opened)
        return could_not(to_string(opened.error()));
    const Result<std::string> fingerprint = session.fingerprint();
    if (!fingerprint || question.fingerprint.empty() || *fingerprint != question.fingerprint)
        return could_not("the server shows another certificate than a moment ago: it was told no password");
    const Result<SmtpReply> ehlo = session.ask("EHLO " + question.identity.helo_name, "EHLO");
    if (!ehlo)
        return could_not(to_string(ehlo.error()));
    const std::vector<std::string> mechanisms = mechanisms_of(*ehlo);
    const auto offers = [&](std::string_view name) {
        return std::ranges::find(mechanisms, name) != mechanisms.end();
    };
    if (!offers("PLAIN") && !offers("LOGIN"))
        return could_not(
            mechanisms.empty()
                ? "the server offers no login under TLS"
                : fmt::format("the server offers {}; only PLAIN and LOGIN can be tried",
                              starttls::printable_ascii(fmt::format("{}", fmt::join(mechanisms, " ")))));
    Login login(session, credential);
    const AuthTrial trial = offers("PLAIN") ? login.by_plain() : login.by_login();
    (void)session.ask("QUIT", "QUIT"); // out of politeness
    return trial;
}

} // namespace sendconnector::ctl
