// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/certificate_words.hpp"

#include "conf/plain_text.hpp"
#include "milter/ctl/table.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sendconnector::ctl {
namespace {

using policy::Certificate;
using policy::CertificateReason;

std::tm calendar(std::chrono::sys_seconds time) {
    const std::time_t seconds = time.time_since_epoch().count();
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return parts;
}

std::vector<std::string> reasons_about(const starttls::AddressReport& address, const std::string& subject) {
    std::vector<std::string> reasons;
    if (address.verdict)
        for (const policy::CertificateFlaw& flaw : address.verdict->flaws)
            if (flaw.certificate == subject)
                reasons.emplace_back(to_string(flaw.reason));
    return reasons;
}

std::string facts_of(const Certificate& certificate, std::chrono::sys_seconds now) {
    return fmt::format("{}, {}, {} to {}, {}", certificate.key(), certificate.signature_algorithm(),
                       date_of(certificate.not_before()), date_of(certificate.not_after()),
                       certificate.not_before() > now ? "not valid yet"
                                                      : days_left(now, certificate.not_after()));
}

Colour colour_of(policy::RevocationFinding::State state) {
    using State = policy::RevocationFinding::State;
    if (state == State::good)
        return Colour::good;
    return state == State::revoked ? Colour::bad : Colour::doubtful;
}

} // namespace

std::string date_of(std::chrono::sys_seconds time) {
    return fmt::format("{:%Y-%m-%d}", calendar(time));
}

std::string moment_of(std::chrono::sys_seconds time) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", calendar(time));
}

long days_between(std::chrono::sys_seconds now, std::chrono::sys_seconds time) {
    return static_cast<long>(std::chrono::duration_cast<std::chrono::days>(time - now).count());
}

std::string days_left(std::chrono::sys_seconds now, std::chrono::sys_seconds not_after) {
    const auto days = static_cast<std::size_t>(std::abs(days_between(now, not_after)));
    return not_after < now ? fmt::format("expired {} ago", counted(days, "day"))
                           : fmt::format("{} left", counted(days, "day"));
}

std::vector<Certificate> chain_of(const starttls::AddressReport& address) {
    if (address.verdict && !address.verdict->path.empty())
        return address.verdict->path;
    std::vector<Certificate> chain;
    for (const std::string& der : address.probe.presented.certificates)
        if (Result<Certificate> certificate = Certificate::from_der(der))
            chain.push_back(std::move(*certificate));
    return chain;
}

bool ends_trusted(const starttls::AddressReport& address) {
    const auto says_no = [](const policy::CertificateFlaw& flaw) {
        return flaw.reason == CertificateReason::untrusted_root ||
               flaw.reason == CertificateReason::partial_chain ||
               flaw.reason == CertificateReason::malformed_certificate ||
               flaw.reason == CertificateReason::no_certificate || flaw.reason == CertificateReason::internal;
    };
    return address.verdict && !address.verdict->path.empty() &&
           std::ranges::none_of(address.verdict->flaws, says_no);
}

std::vector<std::string> not_in_chain(const starttls::AddressReport& address) {
    const std::vector<Certificate> chain = chain_of(address);
    std::vector<std::string> others;
    for (const std::string& der : address.probe.presented.certificates) {
        const Result<Certificate> certificate = Certificate::from_der(der);
        if (!certificate)
            others.push_back(fmt::format("unreadable: {}", certificate.error().text));
        else if (std::ranges::find(chain, *certificate) == chain.end())
            others.push_back(certificate->subject());
    }
    return others;
}

std::vector<std::string> draw_chain(const starttls::AddressReport& address, std::chrono::sys_seconds now,
                                    const Paint& paint) {
    const std::vector<Certificate> chain = chain_of(address);
    const bool trusted = ends_trusted(address);
    std::vector<std::string> lines;
    std::string indent;
    for (std::size_t i = chain.size(); i-- > 0;) {
        const Certificate& certificate = chain[i];
        const bool top = i + 1 == chain.size();
        const std::string subject = certificate.subject();
        const std::vector<std::string> reasons = reasons_about(address, subject);
        std::string line = conf::escaped(subject);
        if (top && trusted)
            line += paint(Colour::good, " (trusted)");
        if (!reasons.empty())
            line += paint(Colour::bad, fmt::format("  <-- {}", fmt::join(reasons, ", ")));
        lines.push_back(top ? line : indent + "`- " + line);
        if (!top)
            indent += "   ";
        lines.push_back(indent +
                        (i > 0 ? "|  "
                         : top ? "   "
                               : "") +
                        paint(Colour::faint, conf::escaped(facts_of(certificate, now))));
    }
    return lines;
}

std::vector<std::string> revocation_lines(const policy::Verdict& verdict, const Paint& paint) {
    std::vector<std::string> lines;
    for (const policy::RevocationStatus& status : verdict.revocation) {
        const std::string subject = conf::escaped(status.certificate);
        if (status.findings.empty())
            lines.push_back(fmt::format("{}: names no source", subject));
        for (const policy::RevocationFinding& finding : status.findings) {
            std::string line = fmt::format("{}: {}: {}", subject, conf::escaped(finding.source),
                                           paint(colour_of(finding.state), word(finding.state)));
            if (!finding.text.empty())
                line += ", " + conf::escaped(finding.text);
            if (finding.next_update != std::chrono::sys_seconds{})
                line += ", next update " + moment_of(finding.next_update);
            lines.push_back(std::move(line));
        }
    }
    return lines;
}

std::string_view word(policy::RevocationFinding::State state) {
    switch (state) {
    case policy::RevocationFinding::State::good:
        return "good";
    case policy::RevocationFinding::State::revoked:
        return "revoked";
    case policy::RevocationFinding::State::unknown:
        return "unknown";
    case policy::RevocationFinding::State::offline:
        break;
    }
    return "offline";
}

} // namespace sendconnector::ctl
