// A small discord.js bot. It plays one scene and leaves: a command with autocomplete, a private
// answer, a card with a file and a button, a modal, its submission, the card edited, a thread. It
// leaves when its last button is pressed, which comes after its connections broke in every way.
// The test that starts it plays the people.

const modules = process.env.PATCHBOT_DISCORD_MODULES;
const discord = require(require.resolve('discord.js', { paths: [modules] }));

const client = new discord.Client({
  intents: [discord.GatewayIntentBits.Guilds],
  rest: { api: `${process.env.DISCORD_BASE_URL}/api` },
});

const button = new discord.ButtonBuilder()
  .setCustomId('reject:plan-1')
  .setLabel('Reject')
  .setStyle(discord.ButtonStyle.Danger);
const done = new discord.ButtonBuilder()
  .setCustomId('done:plan-1')
  .setLabel('Done')
  .setStyle(discord.ButtonStyle.Secondary);
const row = (...buttons) => new discord.ActionRowBuilder().addComponents(...buttons);
const command = new discord.SlashCommandBuilder()
  .setName('patch')
  .setDescription('Patches')
  .addSubcommand((sub) =>
    sub
      .setName('show')
      .setDescription('Shows a patch')
      .addStringOption((option) =>
        option.setName('id').setDescription('Which').setRequired(true).setAutocomplete(true)));

client.once(discord.Events.ClientReady, () => client.application.commands.set([command]));

async function answer(interaction) {
  if (interaction.isAutocomplete()) {
    const typed = interaction.options.getFocused();
    await interaction.respond([{ name: `${typed}5062557`, value: `${typed}5062557` }]);
  } else if (interaction.isChatInputCommand()) {
    await interaction.deferReply({ flags: discord.MessageFlags.Ephemeral });
    await interaction.editReply(`Looking at ${interaction.options.getString('id')}`);
    await interaction.channel.send({
      embeds: [new discord.EmbedBuilder().setTitle('A plan waits')],
      components: [row(button)],
      files: [new discord.AttachmentBuilder(Buffer.from('three nodes\n'), { name: 'plan.txt' })],
      nonce: 'plan-1',
      enforceNonce: true,
    });
  } else if (interaction.isButton() && interaction.customId === 'done:plan-1') {
    await interaction.deferUpdate();
    await interaction.message.edit({ components: [] });
    await client.destroy();
  } else if (interaction.isButton()) {
    const why = new discord.TextInputBuilder()
      .setCustomId('why')
      .setLabel('Why?')
      .setStyle(discord.TextInputStyle.Paragraph);
    await interaction.showModal(
      new discord.ModalBuilder()
        .setCustomId('reason')
        .setTitle('Reject')
        .addComponents(new discord.ActionRowBuilder().addComponents(why)));
  } else if (interaction.isModalSubmit()) {
    const why = interaction.fields.getTextInputValue('why');
    await interaction.update({ content: `Rejected: ${why}`, embeds: [], components: [row(done)] });
    const thread = await interaction.message.startThread({ name: 'Plan 1' });
    await thread.send('Noted.');
  }
}

client.on(discord.Events.InteractionCreate, (interaction) =>
  answer(interaction).catch((error) => {
    console.error(error);
    process.exit(1);
  }));
client.login(process.env.DISCORD_TOKEN);
