// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/charset.hpp"

#include "conf/plain_text.hpp"
#include "milter/mail_header/plain_octets.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iconv.h>

namespace sendconnector::mail_header {
namespace {

// iconv(3) knows hundreds, some with a past; these are the ones that people write mail in.
constexpr std::string_view converted_by_iconv[] = {
    "big5",         "cp1250",         "cp1251",       "cp1252",       "euc-jp",       "euc-kr",
    "gb18030",      "gb2312",         "gbk",          "iso-2022-jp",  "iso-8859-10",  "iso-8859-13",
    "iso-8859-14",  "iso-8859-15",    "iso-8859-16",  "iso-8859-2",   "iso-8859-3",   "iso-8859-4",
    "iso-8859-5",   "iso-8859-6",     "iso-8859-7",   "iso-8859-8",   "iso-8859-9",   "koi8-r",
    "koi8-u",       "ks_c_5601-1987", "macintosh",    "shift_jis",    "tis-620",      "windows-1250",
    "windows-1251", "windows-1252",   "windows-1253", "windows-1254", "windows-1255", "windows-1256",
    "windows-1257", "windows-1258",
};

class Converter {
public:
    explicit Converter(const std::string& charset) : m_handle(::iconv_open("UTF-8", charset.c_str())) {}
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;
    ~Converter() {
        if (is_open())
            ::iconv_close(m_handle);
    }
    bool is_open() const {
        // What iconv_open(3) returns for "no such set".
        return m_handle != iconv_t(-1); // NOLINT(performance-no-int-to-ptr)
    }

    std::optional<std::string> convert(std::string_view octets) {
        std::string given(octets);
        char* in = given.data();
        std::size_t in_left = given.size();
        std::string text;
        std::array<char, 4096> block{};
        while (true) {
            char* out = block.data();
            std::size_t out_left = block.size();
            // Once all is read, what a set with shift states still has to say.
            const bool is_last = in_left == 0;
            const std::size_t done =
                ::iconv(m_handle, is_last ? nullptr : &in, is_last ? nullptr : &in_left, &out, &out_left);
            const int reason = errno;
            text.append(block.data(), block.size() - out_left);
            if (done == static_cast<std::size_t>(-1) && reason != E2BIG)
                return std::nullopt;
            if (is_last && done != static_cast<std::size_t>(-1))
                return text;
        }
    }

private:
    iconv_t m_handle;
};

std::optional<std::string> checked_utf8(std::string_view octets) {
    for (std::size_t at = 0; at < octets.size();) {
        const auto point = conf::code_point_at(octets, at);
        if (!point)
            return std::nullopt;
        at += point->length;
    }
    return std::string(octets);
}

std::string from_latin1(std::string_view octets) {
    std::string text;
    for (const char c : octets)
        text += utf8(static_cast<unsigned char>(c));
    return text;
}

} // namespace

std::optional<std::string> to_utf8(std::string_view octets, std::string_view charset) {
    const std::string name = policy::fold_case(charset);
    if (name == "utf-8" || name == "utf8")
        return checked_utf8(octets);
    if (name == "us-ascii" || name == "ascii")
        return std::ranges::any_of(octets, [](char c) { return static_cast<unsigned char>(c) > 0x7F; })
                   ? std::nullopt
                   : std::optional(std::string(octets));
    if (name == "iso-8859-1" || name == "latin1")
        return from_latin1(octets);
    if (std::ranges::find(converted_by_iconv, name) == std::end(converted_by_iconv))
        return std::nullopt;
    Converter converter(name == "ks_c_5601-1987" ? "cp949" : name);
    return converter.is_open() ? converter.convert(octets) : std::nullopt;
}

} // namespace sendconnector::mail_header
