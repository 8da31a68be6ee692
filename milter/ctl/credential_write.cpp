// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/credential_write.hpp"

#include "conf/key_text.hpp"
#include "conf/postfix/durable_file.hpp"

#include <cerrno>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>

namespace sendconnector::ctl {

Result<void> write_credential(const std::filesystem::path& directory, const std::string& name,
                              const conf::Credential& credential) {
    const std::filesystem::path file = directory / name;
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(
            fmt::format("{} cannot be made: {}", directory.string(), std::generic_category().message(errno)));
    if (std::filesystem::exists(std::filesystem::symlink_status(file)))
        return fail(fmt::format("{} is there already", file.string()), "give another name");
    const std::string text =
        fmt::format("username = {}\npassword = {}\n", conf::toml_string(credential.username),
                    conf::toml_string(credential.password));
    if (Result<void> written = conf::postfix::write_file(file, text, 0600); !written)
        return written;
    if (const Result<conf::Credential> read = conf::read_credential(directory, name); !read) {
        static_cast<void>(conf::postfix::remove_file(file));
        return tl::unexpected<Error>(read.error());
    }
    return {};
}

} // namespace sendconnector::ctl
