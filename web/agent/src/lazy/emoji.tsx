// The emoji that are used most, by kind; a keyboard's own list has the rest.
import { t } from "../text/words.ts";

const GROUPS = [
  "😀 😃 😄 😁 😅 😂 🙂 😉 😊 😇 🥰 😍 😘 😋 😜 🤗 🤔 🤨 😐 😶 🙄 😏 😴 😌 😕 🙁 😟 😢 😭 😤 😡 😱 😳 🥺 😬 🤒 🥳 😎 🤓",
  "👍 👎 👌 🤝 🙏 👏 🙌 💪 ✌️ 🤞 👋 ✋ 👉 👆 👇 ☝️ ✍️ 👀 🧑‍💻 🤷 🤦 🙋 🙇",
  "❤️ 🧡 💛 💚 💙 💜 🖤 🤍 💔 💯 ✨ ⭐ 🌟 🔥 🎉 🎊 🎁 🏆 ✅ ☑️ ❌ ❗ ❓ ⚠️ 💡 🔔 ⏰ ⏳",
  "📦 🚚 🏠 🏬 🛒 💳 💶 🧾 📄 📎 📷 📞 📱 💻 🖨️ 🔧 🔑 📅 📍 ✈️ 🚗 🚲",
  "☕ 🍕 🍝 🍦 🎂 🍷 🍎 🌹 🌻 🌍 ☀️ 🌧️ ❄️ 🌈 🐶 🐱",
].map((group) => group.split(" "));

export const Emoji = ({ onPick }: { onPick: (emoji: string) => void }) => (
  <div class="emoji" role="group" aria-label={t().emoji}>
    {GROUPS.map((group) => (
      <div class="emoji-group" key={group[0]}>
        {group.map((one) => (
          <button type="button" key={one} aria-label={one} onClick={() => onPick(one)}>
            {one}
          </button>
        ))}
      </div>
    ))}
  </div>
);
