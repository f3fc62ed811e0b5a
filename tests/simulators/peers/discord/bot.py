"""A small discord.py bot. It plays one scene and leaves: a command with autocomplete, a private
answer, a card with a file and a button, a modal, its submission, the card edited, a thread. It
leaves when its last button is pressed, which comes after its connections broke in every way. Its
gateway speaks zlib-stream.
The test that starts it plays the people."""

import io
import os

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket

base = os.environ["DISCORD_BASE_URL"]
discord.http.Route.BASE = f"{base}/api/v10"
DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(base.replace("http", "ws", 1) + "/gateway")

client = discord.Client(intents=discord.Intents(guilds=True))
tree = app_commands.CommandTree(client)


class Reason(discord.ui.Modal, title="Reject"):
    why = discord.ui.TextInput(label="Why?", custom_id="why", style=discord.TextStyle.paragraph)

    async def on_submit(self, interaction: discord.Interaction):
        await interaction.response.edit_message(
            content=f"Rejected: {self.why.value}", embed=None, view=Last(timeout=None)
        )
        thread = await interaction.message.create_thread(name="Plan 1")
        await thread.send("Noted.")


class Card(discord.ui.View):
    @discord.ui.button(label="Reject", custom_id="reject:plan-1")
    async def reject(self, interaction: discord.Interaction, button: discord.ui.Button):
        await interaction.response.send_modal(Reason(custom_id="reason"))


class Last(discord.ui.View):
    @discord.ui.button(label="Done", custom_id="done:plan-1")
    async def done(self, interaction: discord.Interaction, button: discord.ui.Button):
        await interaction.response.defer()
        await interaction.message.edit(view=None)
        await client.close()


@tree.command(description="Shows a patch")
async def show(interaction: discord.Interaction, patch: str):
    await interaction.response.defer(ephemeral=True)
    await interaction.followup.send(f"Looking at {patch}")
    await interaction.channel.send(
        embed=discord.Embed(title="A plan waits"),
        view=Card(timeout=None),
        file=discord.File(io.BytesIO(b"three nodes\n"), filename="plan.txt"),
    )


@show.autocomplete("patch")
async def complete(interaction: discord.Interaction, typed: str):
    return [app_commands.Choice(name=f"{typed}5062557", value=f"{typed}5062557")]


@client.event
async def setup_hook():
    await tree.sync()


client.run(os.environ["DISCORD_TOKEN"])
